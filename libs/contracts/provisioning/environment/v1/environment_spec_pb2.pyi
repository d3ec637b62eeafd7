from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NatMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NAT_MODE_UNSPECIFIED: _ClassVar[NatMode]
    NAT_MODE_SINGLE: _ClassVar[NatMode]
    NAT_MODE_PER_ZONE: _ClassVar[NatMode]

class Provider(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROVIDER_UNSPECIFIED: _ClassVar[Provider]
    PROVIDER_AWS: _ClassVar[Provider]
    PROVIDER_GCP: _ClassVar[Provider]

class Support(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPORT_UNSPECIFIED: _ClassVar[Support]
    SUPPORT_STANDARD: _ClassVar[Support]
    SUPPORT_EXTENDED: _ClassVar[Support]

class EndpointAccess(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENDPOINT_ACCESS_UNSPECIFIED: _ClassVar[EndpointAccess]
    ENDPOINT_ACCESS_PUBLIC: _ClassVar[EndpointAccess]
    ENDPOINT_ACCESS_PRIVATE: _ClassVar[EndpointAccess]

class CapacityType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAPACITY_TYPE_UNSPECIFIED: _ClassVar[CapacityType]
    CAPACITY_TYPE_ON_DEMAND: _ClassVar[CapacityType]
    CAPACITY_TYPE_SPOT: _ClassVar[CapacityType]
    CAPACITY_TYPE_CAPACITY_BLOCK: _ClassVar[CapacityType]

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

class CacheEngine(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CACHE_ENGINE_UNSPECIFIED: _ClassVar[CacheEngine]
    CACHE_ENGINE_VALKEY: _ClassVar[CacheEngine]
    CACHE_ENGINE_REDIS: _ClassVar[CacheEngine]

class WorkspaceBuckets(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKSPACE_BUCKETS_UNSPECIFIED: _ClassVar[WorkspaceBuckets]
    WORKSPACE_BUCKETS_KEEP: _ClassVar[WorkspaceBuckets]
    WORKSPACE_BUCKETS_DELETE: _ClassVar[WorkspaceBuckets]

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
    GPU_TYPE_V100_32: _ClassVar[GpuType]
    GPU_TYPE_B300: _ClassVar[GpuType]
    GPU_TYPE_RTX_PRO_6000: _ClassVar[GpuType]
NAT_MODE_UNSPECIFIED: NatMode
NAT_MODE_SINGLE: NatMode
NAT_MODE_PER_ZONE: NatMode
PROVIDER_UNSPECIFIED: Provider
PROVIDER_AWS: Provider
PROVIDER_GCP: Provider
SUPPORT_UNSPECIFIED: Support
SUPPORT_STANDARD: Support
SUPPORT_EXTENDED: Support
ENDPOINT_ACCESS_UNSPECIFIED: EndpointAccess
ENDPOINT_ACCESS_PUBLIC: EndpointAccess
ENDPOINT_ACCESS_PRIVATE: EndpointAccess
CAPACITY_TYPE_UNSPECIFIED: CapacityType
CAPACITY_TYPE_ON_DEMAND: CapacityType
CAPACITY_TYPE_SPOT: CapacityType
CAPACITY_TYPE_CAPACITY_BLOCK: CapacityType
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
CACHE_ENGINE_UNSPECIFIED: CacheEngine
CACHE_ENGINE_VALKEY: CacheEngine
CACHE_ENGINE_REDIS: CacheEngine
WORKSPACE_BUCKETS_UNSPECIFIED: WorkspaceBuckets
WORKSPACE_BUCKETS_KEEP: WorkspaceBuckets
WORKSPACE_BUCKETS_DELETE: WorkspaceBuckets
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
GPU_TYPE_V100_32: GpuType
GPU_TYPE_B300: GpuType
GPU_TYPE_RTX_PRO_6000: GpuType

class EnvironmentSpec(_message.Message):
    __slots__ = ("cloud", "cluster", "data", "beta9", "network", "deletion_protection", "state")
    CLOUD_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    BETA9_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    DELETION_PROTECTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    cloud: CloudSpec
    cluster: ClusterSpec
    data: DataSpec
    beta9: Beta9Spec
    network: NetworkSpec
    deletion_protection: bool
    state: StateSpec
    def __init__(self, cloud: _Optional[_Union[CloudSpec, _Mapping]] = ..., cluster: _Optional[_Union[ClusterSpec, _Mapping]] = ..., data: _Optional[_Union[DataSpec, _Mapping]] = ..., beta9: _Optional[_Union[Beta9Spec, _Mapping]] = ..., network: _Optional[_Union[NetworkSpec, _Mapping]] = ..., deletion_protection: _Optional[bool] = ..., state: _Optional[_Union[StateSpec, _Mapping]] = ...) -> None: ...

class StateSpec(_message.Message):
    __slots__ = ("bucket", "retention_days", "kms_key_arn", "dynamodb_table", "gcs")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    RETENTION_DAYS_FIELD_NUMBER: _ClassVar[int]
    KMS_KEY_ARN_FIELD_NUMBER: _ClassVar[int]
    DYNAMODB_TABLE_FIELD_NUMBER: _ClassVar[int]
    GCS_FIELD_NUMBER: _ClassVar[int]
    bucket: str
    retention_days: int
    kms_key_arn: str
    dynamodb_table: str
    gcs: GcsStateSpec
    def __init__(self, bucket: _Optional[str] = ..., retention_days: _Optional[int] = ..., kms_key_arn: _Optional[str] = ..., dynamodb_table: _Optional[str] = ..., gcs: _Optional[_Union[GcsStateSpec, _Mapping]] = ...) -> None: ...

class GcsStateSpec(_message.Message):
    __slots__ = ("bucket", "prefix")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    bucket: str
    prefix: str
    def __init__(self, bucket: _Optional[str] = ..., prefix: _Optional[str] = ...) -> None: ...

class CloudSpec(_message.Message):
    __slots__ = ("provider", "region", "account_id", "role_arn", "service_account", "external_id", "tags", "permissions_boundary_arn", "kms_key_arn")
    class TagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_ARN_FIELD_NUMBER: _ClassVar[int]
    SERVICE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_BOUNDARY_ARN_FIELD_NUMBER: _ClassVar[int]
    KMS_KEY_ARN_FIELD_NUMBER: _ClassVar[int]
    provider: Provider
    region: str
    account_id: str
    role_arn: str
    service_account: str
    external_id: str
    tags: _containers.ScalarMap[str, str]
    permissions_boundary_arn: str
    kms_key_arn: str
    def __init__(self, provider: _Optional[_Union[Provider, str]] = ..., region: _Optional[str] = ..., account_id: _Optional[str] = ..., role_arn: _Optional[str] = ..., service_account: _Optional[str] = ..., external_id: _Optional[str] = ..., tags: _Optional[_Mapping[str, str]] = ..., permissions_boundary_arn: _Optional[str] = ..., kms_key_arn: _Optional[str] = ...) -> None: ...

class NetworkSpec(_message.Message):
    __slots__ = ("cidr", "zone_count", "zone_ids", "nat", "existing_vpc_id", "existing_private_subnet_ids", "existing_public_subnet_ids", "flow_logs", "log_retention_days")
    CIDR_FIELD_NUMBER: _ClassVar[int]
    ZONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ZONE_IDS_FIELD_NUMBER: _ClassVar[int]
    NAT_FIELD_NUMBER: _ClassVar[int]
    EXISTING_VPC_ID_FIELD_NUMBER: _ClassVar[int]
    EXISTING_PRIVATE_SUBNET_IDS_FIELD_NUMBER: _ClassVar[int]
    EXISTING_PUBLIC_SUBNET_IDS_FIELD_NUMBER: _ClassVar[int]
    FLOW_LOGS_FIELD_NUMBER: _ClassVar[int]
    LOG_RETENTION_DAYS_FIELD_NUMBER: _ClassVar[int]
    cidr: str
    zone_count: int
    zone_ids: _containers.RepeatedScalarFieldContainer[str]
    nat: NatMode
    existing_vpc_id: str
    existing_private_subnet_ids: _containers.RepeatedScalarFieldContainer[str]
    existing_public_subnet_ids: _containers.RepeatedScalarFieldContainer[str]
    flow_logs: bool
    log_retention_days: int
    def __init__(self, cidr: _Optional[str] = ..., zone_count: _Optional[int] = ..., zone_ids: _Optional[_Iterable[str]] = ..., nat: _Optional[_Union[NatMode, str]] = ..., existing_vpc_id: _Optional[str] = ..., existing_private_subnet_ids: _Optional[_Iterable[str]] = ..., existing_public_subnet_ids: _Optional[_Iterable[str]] = ..., flow_logs: _Optional[bool] = ..., log_retention_days: _Optional[int] = ...) -> None: ...

class ClusterSpec(_message.Message):
    __slots__ = ("profile", "use_existing", "existing_cluster_name", "node_labels", "node_taints", "version", "support", "endpoint_access", "public_access_cidrs", "system_nodes", "node_groups")
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
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_ACCESS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_ACCESS_CIDRS_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_NODES_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    profile: Profile
    use_existing: bool
    existing_cluster_name: str
    node_labels: _containers.ScalarMap[str, str]
    node_taints: _containers.RepeatedCompositeFieldContainer[NodeTaint]
    version: str
    support: Support
    endpoint_access: EndpointAccess
    public_access_cidrs: _containers.RepeatedScalarFieldContainer[str]
    system_nodes: NodeGroupSpec
    node_groups: _containers.RepeatedCompositeFieldContainer[NodeGroupSpec]
    def __init__(self, profile: _Optional[_Union[Profile, str]] = ..., use_existing: _Optional[bool] = ..., existing_cluster_name: _Optional[str] = ..., node_labels: _Optional[_Mapping[str, str]] = ..., node_taints: _Optional[_Iterable[_Union[NodeTaint, _Mapping]]] = ..., version: _Optional[str] = ..., support: _Optional[_Union[Support, str]] = ..., endpoint_access: _Optional[_Union[EndpointAccess, str]] = ..., public_access_cidrs: _Optional[_Iterable[str]] = ..., system_nodes: _Optional[_Union[NodeGroupSpec, _Mapping]] = ..., node_groups: _Optional[_Iterable[_Union[NodeGroupSpec, _Mapping]]] = ...) -> None: ...

class NodeGroupSpec(_message.Message):
    __slots__ = ("name", "instance_types", "min_size", "max_size", "desired_size", "disk_gb", "capacity_type", "labels", "taints", "capacity_reservation_id", "gpu_type", "gpu_count")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_TYPES_FIELD_NUMBER: _ClassVar[int]
    MIN_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_SIZE_FIELD_NUMBER: _ClassVar[int]
    DESIRED_SIZE_FIELD_NUMBER: _ClassVar[int]
    DISK_GB_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    TAINTS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    GPU_COUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    instance_types: _containers.RepeatedScalarFieldContainer[str]
    min_size: int
    max_size: int
    desired_size: int
    disk_gb: int
    capacity_type: CapacityType
    labels: _containers.ScalarMap[str, str]
    taints: _containers.RepeatedCompositeFieldContainer[NodeTaint]
    capacity_reservation_id: str
    gpu_type: GpuType
    gpu_count: int
    def __init__(self, name: _Optional[str] = ..., instance_types: _Optional[_Iterable[str]] = ..., min_size: _Optional[int] = ..., max_size: _Optional[int] = ..., desired_size: _Optional[int] = ..., disk_gb: _Optional[int] = ..., capacity_type: _Optional[_Union[CapacityType, str]] = ..., labels: _Optional[_Mapping[str, str]] = ..., taints: _Optional[_Iterable[_Union[NodeTaint, _Mapping]]] = ..., capacity_reservation_id: _Optional[str] = ..., gpu_type: _Optional[_Union[GpuType, str]] = ..., gpu_count: _Optional[int] = ...) -> None: ...

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
    __slots__ = ("size", "multi_az", "backup_retention_days", "storage_gb", "instance_class", "version", "max_storage_gb", "backup_window", "maintenance_window", "final_snapshot")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MULTI_AZ_FIELD_NUMBER: _ClassVar[int]
    BACKUP_RETENTION_DAYS_FIELD_NUMBER: _ClassVar[int]
    STORAGE_GB_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_CLASS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MAX_STORAGE_GB_FIELD_NUMBER: _ClassVar[int]
    BACKUP_WINDOW_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    FINAL_SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    size: Size
    multi_az: bool
    backup_retention_days: int
    storage_gb: int
    instance_class: str
    version: str
    max_storage_gb: int
    backup_window: str
    maintenance_window: str
    final_snapshot: bool
    def __init__(self, size: _Optional[_Union[Size, str]] = ..., multi_az: _Optional[bool] = ..., backup_retention_days: _Optional[int] = ..., storage_gb: _Optional[int] = ..., instance_class: _Optional[str] = ..., version: _Optional[str] = ..., max_storage_gb: _Optional[int] = ..., backup_window: _Optional[str] = ..., maintenance_window: _Optional[str] = ..., final_snapshot: _Optional[bool] = ...) -> None: ...

class RedisSpec(_message.Message):
    __slots__ = ("size", "ha", "num_replicas", "engine", "version", "node_type", "snapshot_retention_days", "snapshot_window", "maintenance_window")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    HA_FIELD_NUMBER: _ClassVar[int]
    NUM_REPLICAS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_RETENTION_DAYS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_WINDOW_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    size: Size
    ha: bool
    num_replicas: int
    engine: CacheEngine
    version: str
    node_type: str
    snapshot_retention_days: int
    snapshot_window: str
    maintenance_window: str
    def __init__(self, size: _Optional[_Union[Size, str]] = ..., ha: _Optional[bool] = ..., num_replicas: _Optional[int] = ..., engine: _Optional[_Union[CacheEngine, str]] = ..., version: _Optional[str] = ..., node_type: _Optional[str] = ..., snapshot_retention_days: _Optional[int] = ..., snapshot_window: _Optional[str] = ..., maintenance_window: _Optional[str] = ...) -> None: ...

class ObjectStoreSpec(_message.Message):
    __slots__ = ("bucket_prefix", "versioning", "lifecycle_days", "workspace_buckets")
    BUCKET_PREFIX_FIELD_NUMBER: _ClassVar[int]
    VERSIONING_FIELD_NUMBER: _ClassVar[int]
    LIFECYCLE_DAYS_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_BUCKETS_FIELD_NUMBER: _ClassVar[int]
    bucket_prefix: str
    versioning: bool
    lifecycle_days: int
    workspace_buckets: WorkspaceBuckets
    def __init__(self, bucket_prefix: _Optional[str] = ..., versioning: _Optional[bool] = ..., lifecycle_days: _Optional[int] = ..., workspace_buckets: _Optional[_Union[WorkspaceBuckets, str]] = ...) -> None: ...

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
    __slots__ = ("gpu_enabled", "gpu_type", "min_workers", "max_workers", "gpu_count", "capacity_type", "capacity_reservation_id")
    GPU_ENABLED_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    MIN_WORKERS_FIELD_NUMBER: _ClassVar[int]
    MAX_WORKERS_FIELD_NUMBER: _ClassVar[int]
    GPU_COUNT_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    gpu_enabled: bool
    gpu_type: GpuType
    min_workers: int
    max_workers: int
    gpu_count: int
    capacity_type: CapacityType
    capacity_reservation_id: str
    def __init__(self, gpu_enabled: _Optional[bool] = ..., gpu_type: _Optional[_Union[GpuType, str]] = ..., min_workers: _Optional[int] = ..., max_workers: _Optional[int] = ..., gpu_count: _Optional[int] = ..., capacity_type: _Optional[_Union[CapacityType, str]] = ..., capacity_reservation_id: _Optional[str] = ...) -> None: ...
