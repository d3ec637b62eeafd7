import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from provisioning.environment.v1 import environment_spec_pb2 as _environment_spec_pb2
from provisioning.environment.v1 import failure_pb2 as _failure_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnvironmentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENVIRONMENT_STATE_UNSPECIFIED: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_PROVISIONING: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_BOOTSTRAPPING: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_ACTIVE: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_FAILED: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_CANCELLED: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_DELETING: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_DELETED: _ClassVar[EnvironmentState]
    ENVIRONMENT_STATE_UPDATING: _ClassVar[EnvironmentState]
ENVIRONMENT_STATE_UNSPECIFIED: EnvironmentState
ENVIRONMENT_STATE_PROVISIONING: EnvironmentState
ENVIRONMENT_STATE_BOOTSTRAPPING: EnvironmentState
ENVIRONMENT_STATE_ACTIVE: EnvironmentState
ENVIRONMENT_STATE_FAILED: EnvironmentState
ENVIRONMENT_STATE_CANCELLED: EnvironmentState
ENVIRONMENT_STATE_DELETING: EnvironmentState
ENVIRONMENT_STATE_DELETED: EnvironmentState
ENVIRONMENT_STATE_UPDATING: EnvironmentState

class Environment(_message.Message):
    __slots__ = ("name", "uid", "spec", "generation", "state", "stages", "conditions", "outputs", "failure", "operation", "kept", "etag", "create_time", "update_time", "delete_time", "observed_generation", "credential_versions")
    NAME_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DELETE_TIME_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_GENERATION_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    uid: str
    spec: _environment_spec_pb2.EnvironmentSpec
    generation: int
    state: EnvironmentState
    stages: _containers.RepeatedCompositeFieldContainer[Stage]
    conditions: _containers.RepeatedCompositeFieldContainer[Condition]
    outputs: EnvironmentOutputs
    failure: _failure_pb2.Failure
    operation: str
    kept: _containers.RepeatedCompositeFieldContainer[KeptResource]
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    delete_time: _timestamp_pb2.Timestamp
    observed_generation: int
    credential_versions: _hand_over_pb2.CredentialVersions
    def __init__(self, name: _Optional[str] = ..., uid: _Optional[str] = ..., spec: _Optional[_Union[_environment_spec_pb2.EnvironmentSpec, _Mapping]] = ..., generation: _Optional[int] = ..., state: _Optional[_Union[EnvironmentState, str]] = ..., stages: _Optional[_Iterable[_Union[Stage, _Mapping]]] = ..., conditions: _Optional[_Iterable[_Union[Condition, _Mapping]]] = ..., outputs: _Optional[_Union[EnvironmentOutputs, _Mapping]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., operation: _Optional[str] = ..., kept: _Optional[_Iterable[_Union[KeptResource, _Mapping]]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., delete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., observed_generation: _Optional[int] = ..., credential_versions: _Optional[_Union[_hand_over_pb2.CredentialVersions, _Mapping]] = ...) -> None: ...

class Stage(_message.Message):
    __slots__ = ("stage", "state", "attempt", "step", "update_time")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    stage: str
    state: _hand_over_pb2.StageState
    attempt: int
    step: str
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, stage: _Optional[str] = ..., state: _Optional[_Union[_hand_over_pb2.StageState, str]] = ..., attempt: _Optional[int] = ..., step: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Condition(_message.Message):
    __slots__ = ("type", "status", "reason", "transition_time")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TRANSITION_TIME_FIELD_NUMBER: _ClassVar[int]
    type: str
    status: bool
    reason: str
    transition_time: _timestamp_pb2.Timestamp
    def __init__(self, type: _Optional[str] = ..., status: _Optional[bool] = ..., reason: _Optional[str] = ..., transition_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EnvironmentOutputs(_message.Message):
    __slots__ = ("vpc_id", "cluster_name", "cluster_endpoint", "cluster_certificate_authority_data", "rds_endpoint", "rds_master_user_secret_arn", "redis_endpoint", "redis_port", "bucket_name", "bucket_arn", "gateway_role_arn", "oidc_provider_arn", "admin_token_secret_arn", "gateway_url", "encryption_key_secret_arn", "state_bucket", "state_key", "rds_database", "redis_tls", "redis_auth_secret_arn", "workspace_storage_user", "workspace_bucket_prefix", "node_desired_size", "cluster_version", "private_subnet_ids", "public_subnet_ids", "kms_key_arn", "cluster_autoscaler_role_arn", "load_balancer_controller_role_arn", "postgres_version", "redis_engine", "redis_version")
    VPC_ID_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_NAME_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_CERTIFICATE_AUTHORITY_DATA_FIELD_NUMBER: _ClassVar[int]
    RDS_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    RDS_MASTER_USER_SECRET_ARN_FIELD_NUMBER: _ClassVar[int]
    REDIS_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    REDIS_PORT_FIELD_NUMBER: _ClassVar[int]
    BUCKET_NAME_FIELD_NUMBER: _ClassVar[int]
    BUCKET_ARN_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_ROLE_ARN_FIELD_NUMBER: _ClassVar[int]
    OIDC_PROVIDER_ARN_FIELD_NUMBER: _ClassVar[int]
    ADMIN_TOKEN_SECRET_ARN_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_URL_FIELD_NUMBER: _ClassVar[int]
    ENCRYPTION_KEY_SECRET_ARN_FIELD_NUMBER: _ClassVar[int]
    STATE_BUCKET_FIELD_NUMBER: _ClassVar[int]
    STATE_KEY_FIELD_NUMBER: _ClassVar[int]
    RDS_DATABASE_FIELD_NUMBER: _ClassVar[int]
    REDIS_TLS_FIELD_NUMBER: _ClassVar[int]
    REDIS_AUTH_SECRET_ARN_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_STORAGE_USER_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_BUCKET_PREFIX_FIELD_NUMBER: _ClassVar[int]
    NODE_DESIRED_SIZE_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    PRIVATE_SUBNET_IDS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_SUBNET_IDS_FIELD_NUMBER: _ClassVar[int]
    KMS_KEY_ARN_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_AUTOSCALER_ROLE_ARN_FIELD_NUMBER: _ClassVar[int]
    LOAD_BALANCER_CONTROLLER_ROLE_ARN_FIELD_NUMBER: _ClassVar[int]
    POSTGRES_VERSION_FIELD_NUMBER: _ClassVar[int]
    REDIS_ENGINE_FIELD_NUMBER: _ClassVar[int]
    REDIS_VERSION_FIELD_NUMBER: _ClassVar[int]
    vpc_id: str
    cluster_name: str
    cluster_endpoint: str
    cluster_certificate_authority_data: str
    rds_endpoint: str
    rds_master_user_secret_arn: str
    redis_endpoint: str
    redis_port: int
    bucket_name: str
    bucket_arn: str
    gateway_role_arn: str
    oidc_provider_arn: str
    admin_token_secret_arn: str
    gateway_url: str
    encryption_key_secret_arn: str
    state_bucket: str
    state_key: str
    rds_database: str
    redis_tls: bool
    redis_auth_secret_arn: str
    workspace_storage_user: str
    workspace_bucket_prefix: str
    node_desired_size: int
    cluster_version: str
    private_subnet_ids: _containers.RepeatedScalarFieldContainer[str]
    public_subnet_ids: _containers.RepeatedScalarFieldContainer[str]
    kms_key_arn: str
    cluster_autoscaler_role_arn: str
    load_balancer_controller_role_arn: str
    postgres_version: str
    redis_engine: str
    redis_version: str
    def __init__(self, vpc_id: _Optional[str] = ..., cluster_name: _Optional[str] = ..., cluster_endpoint: _Optional[str] = ..., cluster_certificate_authority_data: _Optional[str] = ..., rds_endpoint: _Optional[str] = ..., rds_master_user_secret_arn: _Optional[str] = ..., redis_endpoint: _Optional[str] = ..., redis_port: _Optional[int] = ..., bucket_name: _Optional[str] = ..., bucket_arn: _Optional[str] = ..., gateway_role_arn: _Optional[str] = ..., oidc_provider_arn: _Optional[str] = ..., admin_token_secret_arn: _Optional[str] = ..., gateway_url: _Optional[str] = ..., encryption_key_secret_arn: _Optional[str] = ..., state_bucket: _Optional[str] = ..., state_key: _Optional[str] = ..., rds_database: _Optional[str] = ..., redis_tls: _Optional[bool] = ..., redis_auth_secret_arn: _Optional[str] = ..., workspace_storage_user: _Optional[str] = ..., workspace_bucket_prefix: _Optional[str] = ..., node_desired_size: _Optional[int] = ..., cluster_version: _Optional[str] = ..., private_subnet_ids: _Optional[_Iterable[str]] = ..., public_subnet_ids: _Optional[_Iterable[str]] = ..., kms_key_arn: _Optional[str] = ..., cluster_autoscaler_role_arn: _Optional[str] = ..., load_balancer_controller_role_arn: _Optional[str] = ..., postgres_version: _Optional[str] = ..., redis_engine: _Optional[str] = ..., redis_version: _Optional[str] = ...) -> None: ...

class KeptResource(_message.Message):
    __slots__ = ("resource", "reason")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    resource: str
    reason: str
    def __init__(self, resource: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
