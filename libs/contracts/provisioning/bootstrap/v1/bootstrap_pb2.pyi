import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from provisioning.environment.v1 import failure_pb2 as _failure_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHASE_UNSPECIFIED: _ClassVar[Phase]
    PHASE_BASELINE: _ClassVar[Phase]
    PHASE_BETA9: _ClassVar[Phase]
PHASE_UNSPECIFIED: Phase
PHASE_BASELINE: Phase
PHASE_BETA9: Phase

class Bootstrap(_message.Message):
    __slots__ = ("name", "hand_over", "state", "steps", "failure", "create_time", "end_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    hand_over: _hand_over_pb2.HandOver
    state: _hand_over_pb2.StageState
    steps: _containers.RepeatedCompositeFieldContainer[BootstrapStep]
    failure: _failure_pb2.Failure
    create_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., state: _Optional[_Union[_hand_over_pb2.StageState, str]] = ..., steps: _Optional[_Iterable[_Union[BootstrapStep, _Mapping]]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class BootstrapStep(_message.Message):
    __slots__ = ("step", "state", "start_time", "end_time")
    STEP_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    step: str
    state: _hand_over_pb2.StageState
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, step: _Optional[str] = ..., state: _Optional[_Union[_hand_over_pb2.StageState, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
