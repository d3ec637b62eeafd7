import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from provisioning.environment.v1 import environment_pb2 as _environment_pb2
from provisioning.environment.v1 import failure_pb2 as _failure_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from provisioning.environment.v1 import planned_change_pb2 as _planned_change_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Intent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTENT_UNSPECIFIED: _ClassVar[Intent]
    INTENT_CREATE: _ClassVar[Intent]
    INTENT_UPDATE: _ClassVar[Intent]
    INTENT_DELETE: _ClassVar[Intent]
    INTENT_RECREATE: _ClassVar[Intent]
    INTENT_READ: _ClassVar[Intent]

class ResourceChangeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOURCE_CHANGE_STATE_UNSPECIFIED: _ClassVar[ResourceChangeState]
    RESOURCE_CHANGE_STATE_PLANNED: _ClassVar[ResourceChangeState]
    RESOURCE_CHANGE_STATE_IN_PROGRESS: _ClassVar[ResourceChangeState]
    RESOURCE_CHANGE_STATE_RECONCILED: _ClassVar[ResourceChangeState]
    RESOURCE_CHANGE_STATE_FAILED: _ClassVar[ResourceChangeState]
INTENT_UNSPECIFIED: Intent
INTENT_CREATE: Intent
INTENT_UPDATE: Intent
INTENT_DELETE: Intent
INTENT_RECREATE: Intent
INTENT_READ: Intent
RESOURCE_CHANGE_STATE_UNSPECIFIED: ResourceChangeState
RESOURCE_CHANGE_STATE_PLANNED: ResourceChangeState
RESOURCE_CHANGE_STATE_IN_PROGRESS: ResourceChangeState
RESOURCE_CHANGE_STATE_RECONCILED: ResourceChangeState
RESOURCE_CHANGE_STATE_FAILED: ResourceChangeState

class Deployment(_message.Message):
    __slots__ = ("name", "environment", "latest_revision", "state", "outputs", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    LATEST_REVISION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    environment: str
    latest_revision: str
    state: _hand_over_pb2.StageState
    outputs: _environment_pb2.EnvironmentOutputs
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., environment: _Optional[str] = ..., latest_revision: _Optional[str] = ..., state: _Optional[_Union[_hand_over_pb2.StageState, str]] = ..., outputs: _Optional[_Union[_environment_pb2.EnvironmentOutputs, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Revision(_message.Message):
    __slots__ = ("name", "hand_over", "state", "step", "resources_done", "resources_planned", "failure", "stack_version", "fence", "create_time", "end_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_DONE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_PLANNED_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    STACK_VERSION_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    hand_over: _hand_over_pb2.HandOver
    state: _hand_over_pb2.StageState
    step: str
    resources_done: int
    resources_planned: int
    failure: _failure_pb2.Failure
    stack_version: str
    fence: int
    create_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., state: _Optional[_Union[_hand_over_pb2.StageState, str]] = ..., step: _Optional[str] = ..., resources_done: _Optional[int] = ..., resources_planned: _Optional[int] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., stack_version: _Optional[str] = ..., fence: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ResourceChange(_message.Message):
    __slots__ = ("name", "address", "type", "intent", "state", "resource_id", "error", "start_time", "end_time", "impact")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    name: str
    address: str
    type: str
    intent: Intent
    state: ResourceChangeState
    resource_id: str
    error: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    impact: _planned_change_pb2.Impact
    def __init__(self, name: _Optional[str] = ..., address: _Optional[str] = ..., type: _Optional[str] = ..., intent: _Optional[_Union[Intent, str]] = ..., state: _Optional[_Union[ResourceChangeState, str]] = ..., resource_id: _Optional[str] = ..., error: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., impact: _Optional[_Union[_planned_change_pb2.Impact, str]] = ...) -> None: ...
