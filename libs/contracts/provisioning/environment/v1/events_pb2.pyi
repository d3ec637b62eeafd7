from provisioning.environment.v1 import environment_pb2 as _environment_pb2
from provisioning.environment.v1 import failure_pb2 as _failure_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnvironmentCreated(_message.Message):
    __slots__ = ("environment",)
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    environment: _environment_pb2.Environment
    def __init__(self, environment: _Optional[_Union[_environment_pb2.Environment, _Mapping]] = ...) -> None: ...

class EnvironmentProgressed(_message.Message):
    __slots__ = ("environment", "uid", "operation", "state", "stage", "step", "event")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    environment: str
    uid: str
    operation: str
    state: _environment_pb2.EnvironmentState
    stage: str
    step: str
    event: str
    def __init__(self, environment: _Optional[str] = ..., uid: _Optional[str] = ..., operation: _Optional[str] = ..., state: _Optional[_Union[_environment_pb2.EnvironmentState, str]] = ..., stage: _Optional[str] = ..., step: _Optional[str] = ..., event: _Optional[str] = ...) -> None: ...

class EnvironmentUpdating(_message.Message):
    __slots__ = ("environment",)
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    environment: _environment_pb2.Environment
    def __init__(self, environment: _Optional[_Union[_environment_pb2.Environment, _Mapping]] = ...) -> None: ...

class EnvironmentActivated(_message.Message):
    __slots__ = ("environment",)
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    environment: _environment_pb2.Environment
    def __init__(self, environment: _Optional[_Union[_environment_pb2.Environment, _Mapping]] = ...) -> None: ...

class EnvironmentFailed(_message.Message):
    __slots__ = ("environment", "uid", "operation", "failure")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    environment: str
    uid: str
    operation: str
    failure: _failure_pb2.Failure
    def __init__(self, environment: _Optional[str] = ..., uid: _Optional[str] = ..., operation: _Optional[str] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...

class EnvironmentCancelled(_message.Message):
    __slots__ = ("environment", "uid", "operation")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    environment: str
    uid: str
    operation: str
    def __init__(self, environment: _Optional[str] = ..., uid: _Optional[str] = ..., operation: _Optional[str] = ...) -> None: ...

class EnvironmentRetried(_message.Message):
    __slots__ = ("environment", "uid", "operation")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    environment: str
    uid: str
    operation: str
    def __init__(self, environment: _Optional[str] = ..., uid: _Optional[str] = ..., operation: _Optional[str] = ...) -> None: ...

class EnvironmentDeleting(_message.Message):
    __slots__ = ("environment", "uid", "operation")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    environment: str
    uid: str
    operation: str
    def __init__(self, environment: _Optional[str] = ..., uid: _Optional[str] = ..., operation: _Optional[str] = ...) -> None: ...

class EnvironmentDeleted(_message.Message):
    __slots__ = ("environment", "uid", "kept")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    environment: str
    uid: str
    kept: _containers.RepeatedCompositeFieldContainer[_environment_pb2.KeptResource]
    def __init__(self, environment: _Optional[str] = ..., uid: _Optional[str] = ..., kept: _Optional[_Iterable[_Union[_environment_pb2.KeptResource, _Mapping]]] = ...) -> None: ...
