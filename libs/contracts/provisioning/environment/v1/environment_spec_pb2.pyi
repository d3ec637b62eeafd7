from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Provider(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROVIDER_UNSPECIFIED: _ClassVar[Provider]
    PROVIDER_AWS: _ClassVar[Provider]
    PROVIDER_GCP: _ClassVar[Provider]

class Profile(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROFILE_UNSPECIFIED: _ClassVar[Profile]
    PROFILE_SMALL: _ClassVar[Profile]
    PROFILE_MEDIUM: _ClassVar[Profile]
    PROFILE_LARGE: _ClassVar[Profile]

class TaintEffect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TAINT_EFFECT_UNSPECIFIED: _ClassVar[TaintEffect]
    TAINT_EFFECT_NO_SCHEDULE: _ClassVar[TaintEffect]
    TAINT_EFFECT_PREFER_NO_SCHEDULE: _ClassVar[TaintEffect]
    TAINT_EFFECT_NO_EXECUTE: _ClassVar[TaintEffect]

class Size(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIZE_UNSPECIFIED: _ClassVar[Size]
    SIZE_SMALL: _ClassVar[Size]
    SIZE_MEDIUM: _ClassVar[Size]
    SIZE_LARGE: _ClassVar[Size]

class GpuType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GPU_TYPE_UNSPECIFIED: _ClassVar[GpuType]
    GPU_TYPE_T4: _ClassVar[GpuType]
    GPU_TYPE_A10G: _ClassVar[GpuType]
    GPU_TYPE_L4: _ClassVar[GpuType]
    GPU_TYPE_L40S: _ClassVar[GpuType]
    GPU_TYPE_V100: _ClassVar[GpuType]
    GPU_TYPE_A100_40: _ClassVar[GpuType]
    GPU_TYPE_A100_80: _ClassVar[GpuType]
    GPU_TYPE_H100: _ClassVar[GpuType]
    GPU_TYPE_H200: _ClassVar[GpuType]
    GPU_TYPE_B200: _ClassVar[GpuType]
PROVIDER_UNSPECIFIED: Provider
PROVIDER_AWS: Provider
PROVIDER_GCP: Provider
PROFILE_UNSPECIFIED: Profile
PROFILE_SMALL: Profile
PROFILE_MEDIUM: Profile
PROFILE_LARGE: Profile
TAINT_EFFECT_UNSPECIFIED: TaintEffect
TAINT_EFFECT_NO_SCHEDULE: TaintEffect
TAINT_EFFECT_PREFER_NO_SCHEDULE: TaintEffect
TAINT_EFFECT_NO_EXECUTE: TaintEffect
SIZE_UNSPECIFIED: Size
SIZE_SMALL: Size
SIZE_MEDIUM: Size
SIZE_LARGE: Size
GPU_TYPE_UNSPECIFIED: GpuType
GPU_TYPE_T4: GpuType
GPU_TYPE_A10G: GpuType
GPU_TYPE_L4: GpuType
GPU_TYPE_L40S: GpuType
GPU_TYPE_V100: GpuType
GPU_TYPE_A100_40: GpuType
GPU_TYPE_A100_80: GpuType
GPU_TYPE_H100: GpuType
GPU_TYPE_H200: GpuType
GPU_TYPE_B200: GpuType

class EnvironmentSpec(_message.Message):
    __slots__ = ("cloud", "cluster", "data", "beta9")
    CLOUD_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    BETA9_FIELD_NUMBER: _ClassVar[int]
    cloud: CloudSpec
    cluster: ClusterSpec
    data: DataSpec
    beta9: Beta9Spec
    def __init__(self, cloud: _Optional[_Union[CloudSpec, _Mapping]] = ..., cluster: _Optional[_Union[ClusterSpec, _Mapping]] = ..., data: _Optional[_Union[DataSpec, _Mapping]] = ..., beta9: _Optional[_Union[Beta9Spec, _Mapping]] = ...) -> None: ...

class CloudSpec(_message.Message):
    __slots__ = ("provider", "region", "account_id", "role_arn", "service_account", "external_id")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_ARN_FIELD_NUMBER: _ClassVar[int]
    SERVICE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    provider: Provider
    region: str
    account_id: str
    role_arn: str
    service_account: str
    external_id: str
    def __init__(self, provider: _Optional[_Union[Provider, str]] = ..., region: _Optional[str] = ..., account_id: _Optional[str] = ..., role_arn: _Optional[str] = ..., service_account: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class ClusterSpec(_message.Message):
    __slots__ = ("profile", "use_existing", "existing_cluster_name", "node_labels", "node_taints")
    class NodeLabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    USE_EXISTING_FIELD_NUMBER: _ClassVar[int]
    EXISTING_CLUSTER_NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_LABELS_FIELD_NUMBER: _ClassVar[int]
    NODE_TAINTS_FIELD_NUMBER: _ClassVar[int]
    profile: Profile
    use_existing: bool
    existing_cluster_name: str
    node_labels: _containers.ScalarMap[str, str]
    node_taints: _containers.RepeatedCompositeFieldContainer[NodeTaint]
    def __init__(self, profile: _Optional[_Union[Profile, str]] = ..., use_existing: _Optional[bool] = ..., existing_cluster_name: _Optional[str] = ..., node_labels: _Optional[_Mapping[str, str]] = ..., node_taints: _Optional[_Iterable[_Union[NodeTaint, _Mapping]]] = ...) -> None: ...

class NodeTaint(_message.Message):
    __slots__ = ("key", "value", "effect")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    effect: TaintEffect
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ..., effect: _Optional[_Union[TaintEffect, str]] = ...) -> None: ...

class DataSpec(_message.Message):
    __slots__ = ("postgres", "redis", "object_store")
    POSTGRES_FIELD_NUMBER: _ClassVar[int]
    REDIS_FIELD_NUMBER: _ClassVar[int]
    OBJECT_STORE_FIELD_NUMBER: _ClassVar[int]
    postgres: PostgresSpec
    redis: RedisSpec
    object_store: ObjectStoreSpec
    def __init__(self, postgres: _Optional[_Union[PostgresSpec, _Mapping]] = ..., redis: _Optional[_Union[RedisSpec, _Mapping]] = ..., object_store: _Optional[_Union[ObjectStoreSpec, _Mapping]] = ...) -> None: ...

class PostgresSpec(_message.Message):
    __slots__ = ("size", "multi_az", "backup_retention_days", "storage_gb")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MULTI_AZ_FIELD_NUMBER: _ClassVar[int]
    BACKUP_RETENTION_DAYS_FIELD_NUMBER: _ClassVar[int]
    STORAGE_GB_FIELD_NUMBER: _ClassVar[int]
    size: Size
    multi_az: bool
    backup_retention_days: int
    storage_gb: int
    def __init__(self, size: _Optional[_Union[Size, str]] = ..., multi_az: _Optional[bool] = ..., backup_retention_days: _Optional[int] = ..., storage_gb: _Optional[int] = ...) -> None: ...

class RedisSpec(_message.Message):
    __slots__ = ("size", "ha", "num_replicas")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    HA_FIELD_NUMBER: _ClassVar[int]
    NUM_REPLICAS_FIELD_NUMBER: _ClassVar[int]
    size: Size
    ha: bool
    num_replicas: int
    def __init__(self, size: _Optional[_Union[Size, str]] = ..., ha: _Optional[bool] = ..., num_replicas: _Optional[int] = ...) -> None: ...

class ObjectStoreSpec(_message.Message):
    __slots__ = ("bucket_prefix", "versioning", "lifecycle_days")
    BUCKET_PREFIX_FIELD_NUMBER: _ClassVar[int]
    VERSIONING_FIELD_NUMBER: _ClassVar[int]
    LIFECYCLE_DAYS_FIELD_NUMBER: _ClassVar[int]
    bucket_prefix: str
    versioning: bool
    lifecycle_days: int
    def __init__(self, bucket_prefix: _Optional[str] = ..., versioning: _Optional[bool] = ..., lifecycle_days: _Optional[int] = ...) -> None: ...

class Beta9Spec(_message.Message):
    __slots__ = ("domain", "version", "enable_metrics", "enable_logging", "workers")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENABLE_METRICS_FIELD_NUMBER: _ClassVar[int]
    ENABLE_LOGGING_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    domain: str
    version: str
    enable_metrics: bool
    enable_logging: bool
    workers: WorkersSpec
    def __init__(self, domain: _Optional[str] = ..., version: _Optional[str] = ..., enable_metrics: _Optional[bool] = ..., enable_logging: _Optional[bool] = ..., workers: _Optional[_Union[WorkersSpec, _Mapping]] = ...) -> None: ...

class WorkersSpec(_message.Message):
    __slots__ = ("gpu_enabled", "gpu_type", "min_workers", "max_workers")
    GPU_ENABLED_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    MIN_WORKERS_FIELD_NUMBER: _ClassVar[int]
    MAX_WORKERS_FIELD_NUMBER: _ClassVar[int]
    gpu_enabled: bool
    gpu_type: GpuType
    min_workers: int
    max_workers: int
    def __init__(self, gpu_enabled: _Optional[bool] = ..., gpu_type: _Optional[_Union[GpuType, str]] = ..., min_workers: _Optional[int] = ..., max_workers: _Optional[int] = ...) -> None: ...
