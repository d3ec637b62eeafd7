from provisioning.environment.v1 import environment_pb2 as _environment_pb2
from provisioning.environment.v1 import environment_spec_pb2 as _environment_spec_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from provisioning.state.v1 import state_backend_pb2 as _state_backend_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StateBackendRequested(_message.Message):
    __slots__ = ("hand_over", "access", "state")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    access: _hand_over_pb2.AwsAccess
    state: _environment_spec_pb2.StateSpec
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., access: _Optional[_Union[_hand_over_pb2.AwsAccess, _Mapping]] = ..., state: _Optional[_Union[_environment_spec_pb2.StateSpec, _Mapping]] = ...) -> None: ...

class StateBackendReady(_message.Message):
    __slots__ = ("hand_over", "location")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    location: _state_backend_pb2.StateLocation
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., location: _Optional[_Union[_state_backend_pb2.StateLocation, _Mapping]] = ...) -> None: ...

class ReleaseRequested(_message.Message):
    __slots__ = ("hand_over", "access", "remove_bucket")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    REMOVE_BUCKET_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    access: _hand_over_pb2.AwsAccess
    remove_bucket: bool
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., access: _Optional[_Union[_hand_over_pb2.AwsAccess, _Mapping]] = ..., remove_bucket: _Optional[bool] = ...) -> None: ...

class StateBackendReleased(_message.Message):
    __slots__ = ("hand_over", "kept")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    kept: _containers.RepeatedCompositeFieldContainer[_environment_pb2.KeptResource]
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., kept: _Optional[_Iterable[_Union[_environment_pb2.KeptResource, _Mapping]]] = ...) -> None: ...
