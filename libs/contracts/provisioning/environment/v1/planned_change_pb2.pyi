from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Impact(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMPACT_UNSPECIFIED: _ClassVar[Impact]
    IMPACT_IN_PLACE: _ClassVar[Impact]
    IMPACT_DISRUPTIVE: _ClassVar[Impact]
    IMPACT_DATA_LOSS: _ClassVar[Impact]
IMPACT_UNSPECIFIED: Impact
IMPACT_IN_PLACE: Impact
IMPACT_DISRUPTIVE: Impact
IMPACT_DATA_LOSS: Impact

class PlannedChange(_message.Message):
    __slots__ = ("address", "action", "impact", "paths")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    address: str
    action: str
    impact: Impact
    paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, address: _Optional[str] = ..., action: _Optional[str] = ..., impact: _Optional[_Union[Impact, str]] = ..., paths: _Optional[_Iterable[str]] = ...) -> None: ...
