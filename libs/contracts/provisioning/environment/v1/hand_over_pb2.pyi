import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from provisioning.environment.v1 import failure_pb2 as _failure_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StageState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_STATE_UNSPECIFIED: _ClassVar[StageState]
    STAGE_STATE_REQUESTED: _ClassVar[StageState]
    STAGE_STATE_RUNNING: _ClassVar[StageState]
    STAGE_STATE_SUCCEEDED: _ClassVar[StageState]
    STAGE_STATE_FAILED: _ClassVar[StageState]
    STAGE_STATE_STOPPED: _ClassVar[StageState]
STAGE_STATE_UNSPECIFIED: StageState
STAGE_STATE_REQUESTED: StageState
STAGE_STATE_RUNNING: StageState
STAGE_STATE_SUCCEEDED: StageState
STAGE_STATE_FAILED: StageState
STAGE_STATE_STOPPED: StageState

class HandOver(_message.Message):
    __slots__ = ("environment", "uid", "operation", "stage", "attempt")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    environment: str
    uid: str
    operation: str
    stage: str
    attempt: int
    def __init__(self, environment: _Optional[str] = ..., uid: _Optional[str] = ..., operation: _Optional[str] = ..., stage: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class AwsAccess(_message.Message):
    __slots__ = ("account_id", "region", "role_arn", "external_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    ROLE_ARN_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    region: str
    role_arn: str
    external_id: str
    def __init__(self, account_id: _Optional[str] = ..., region: _Optional[str] = ..., role_arn: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class CredentialVersions(_message.Message):
    __slots__ = ("postgres_password", "redis_auth_token", "workspace_storage_key")
    POSTGRES_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    REDIS_AUTH_TOKEN_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_STORAGE_KEY_FIELD_NUMBER: _ClassVar[int]
    postgres_password: int
    redis_auth_token: int
    workspace_storage_key: int
    def __init__(self, postgres_password: _Optional[int] = ..., redis_auth_token: _Optional[int] = ..., workspace_storage_key: _Optional[int] = ...) -> None: ...

class StopRequested(_message.Message):
    __slots__ = ("hand_over", "reason")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    hand_over: HandOver
    reason: str
    def __init__(self, hand_over: _Optional[_Union[HandOver, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class StepChanged(_message.Message):
    __slots__ = ("hand_over", "step", "retries", "waiting_for")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    WAITING_FOR_FIELD_NUMBER: _ClassVar[int]
    hand_over: HandOver
    step: str
    retries: int
    waiting_for: str
    def __init__(self, hand_over: _Optional[_Union[HandOver, _Mapping]] = ..., step: _Optional[str] = ..., retries: _Optional[int] = ..., waiting_for: _Optional[str] = ...) -> None: ...

class StageFailed(_message.Message):
    __slots__ = ("hand_over", "failure", "resources_existing")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_EXISTING_FIELD_NUMBER: _ClassVar[int]
    hand_over: HandOver
    failure: _failure_pb2.Failure
    resources_existing: int
    def __init__(self, hand_over: _Optional[_Union[HandOver, _Mapping]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., resources_existing: _Optional[int] = ...) -> None: ...

class StageStopped(_message.Message):
    __slots__ = ("hand_over", "step", "resources_existing")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_EXISTING_FIELD_NUMBER: _ClassVar[int]
    hand_over: HandOver
    step: str
    resources_existing: int
    def __init__(self, hand_over: _Optional[_Union[HandOver, _Mapping]] = ..., step: _Optional[str] = ..., resources_existing: _Optional[int] = ...) -> None: ...

class LogLine(_message.Message):
    __slots__ = ("cursor", "time", "step", "text")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    cursor: int
    time: _timestamp_pb2.Timestamp
    step: str
    text: str
    def __init__(self, cursor: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., step: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...
