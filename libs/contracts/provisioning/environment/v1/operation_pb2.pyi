import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from provisioning.environment.v1 import planned_change_pb2 as _planned_change_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verb(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERB_UNSPECIFIED: _ClassVar[Verb]
    VERB_CREATE: _ClassVar[Verb]
    VERB_UPDATE: _ClassVar[Verb]
    VERB_DELETE: _ClassVar[Verb]
    VERB_RETRY: _ClassVar[Verb]
    VERB_ROTATE: _ClassVar[Verb]
VERB_UNSPECIFIED: Verb
VERB_CREATE: Verb
VERB_UPDATE: Verb
VERB_DELETE: Verb
VERB_RETRY: Verb
VERB_ROTATE: Verb

class OperationMetadata(_message.Message):
    __slots__ = ("target", "uid", "verb", "stage", "step", "resources_done", "resources_planned", "status_message", "requested_cancellation", "trace_id", "stages", "create_time", "end_time", "planned_changes", "field_changes", "resources_existing")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_DONE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_PLANNED_FIELD_NUMBER: _ClassVar[int]
    STATUS_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_CANCELLATION_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    PLANNED_CHANGES_FIELD_NUMBER: _ClassVar[int]
    FIELD_CHANGES_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_EXISTING_FIELD_NUMBER: _ClassVar[int]
    target: str
    uid: str
    verb: Verb
    stage: str
    step: str
    resources_done: int
    resources_planned: int
    status_message: str
    requested_cancellation: bool
    trace_id: str
    stages: _containers.RepeatedCompositeFieldContainer[StageProgress]
    create_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    planned_changes: _containers.RepeatedCompositeFieldContainer[_planned_change_pb2.PlannedChange]
    field_changes: _containers.RepeatedCompositeFieldContainer[FieldChange]
    resources_existing: int
    def __init__(self, target: _Optional[str] = ..., uid: _Optional[str] = ..., verb: _Optional[_Union[Verb, str]] = ..., stage: _Optional[str] = ..., step: _Optional[str] = ..., resources_done: _Optional[int] = ..., resources_planned: _Optional[int] = ..., status_message: _Optional[str] = ..., requested_cancellation: _Optional[bool] = ..., trace_id: _Optional[str] = ..., stages: _Optional[_Iterable[_Union[StageProgress, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., planned_changes: _Optional[_Iterable[_Union[_planned_change_pb2.PlannedChange, _Mapping]]] = ..., field_changes: _Optional[_Iterable[_Union[FieldChange, _Mapping]]] = ..., resources_existing: _Optional[int] = ...) -> None: ...

class FieldChange(_message.Message):
    __slots__ = ("path", "impact")
    PATH_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    path: str
    impact: _planned_change_pb2.Impact
    def __init__(self, path: _Optional[str] = ..., impact: _Optional[_Union[_planned_change_pb2.Impact, str]] = ...) -> None: ...

class StageProgress(_message.Message):
    __slots__ = ("stage", "state", "attempt", "step", "start_time", "end_time", "queue_position", "waiting_for", "retries")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    WAITING_FOR_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    stage: str
    state: _hand_over_pb2.StageState
    attempt: int
    step: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    queue_position: int
    waiting_for: str
    retries: int
    def __init__(self, stage: _Optional[str] = ..., state: _Optional[_Union[_hand_over_pb2.StageState, str]] = ..., attempt: _Optional[int] = ..., step: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., queue_position: _Optional[int] = ..., waiting_for: _Optional[str] = ..., retries: _Optional[int] = ...) -> None: ...
