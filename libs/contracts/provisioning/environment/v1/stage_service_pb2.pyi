import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from provisioning.environment.v1 import failure_pb2 as _failure_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetHandOverRequest(_message.Message):
    __slots__ = ("hand_over",)
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ...) -> None: ...

class GetHandOverResponse(_message.Message):
    __slots__ = ("state", "step", "heartbeat_time", "failure", "queue_position", "waiting_for", "retries")
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_TIME_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    WAITING_FOR_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    state: _hand_over_pb2.StageState
    step: str
    heartbeat_time: _timestamp_pb2.Timestamp
    failure: _failure_pb2.Failure
    queue_position: int
    waiting_for: str
    retries: int
    def __init__(self, state: _Optional[_Union[_hand_over_pb2.StageState, str]] = ..., step: _Optional[str] = ..., heartbeat_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failure: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., queue_position: _Optional[int] = ..., waiting_for: _Optional[str] = ..., retries: _Optional[int] = ...) -> None: ...
