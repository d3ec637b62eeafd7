import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from provisioning.bootstrap.v1 import bootstrap_pb2 as _bootstrap_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetBootstrapRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListBootstrapsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "uid")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    uid: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., uid: _Optional[str] = ...) -> None: ...

class ListBootstrapsResponse(_message.Message):
    __slots__ = ("bootstraps", "next_page_token")
    BOOTSTRAPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    bootstraps: _containers.RepeatedCompositeFieldContainer[_bootstrap_pb2.Bootstrap]
    next_page_token: str
    def __init__(self, bootstraps: _Optional[_Iterable[_Union[_bootstrap_pb2.Bootstrap, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class StreamBootstrapLogsRequest(_message.Message):
    __slots__ = ("parent", "uid", "after", "follow")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    parent: str
    uid: str
    after: int
    follow: bool
    def __init__(self, parent: _Optional[str] = ..., uid: _Optional[str] = ..., after: _Optional[int] = ..., follow: _Optional[bool] = ...) -> None: ...

class StreamBootstrapLogsResponse(_message.Message):
    __slots__ = ("line",)
    LINE_FIELD_NUMBER: _ClassVar[int]
    line: _hand_over_pb2.LogLine
    def __init__(self, line: _Optional[_Union[_hand_over_pb2.LogLine, _Mapping]] = ...) -> None: ...

class GenerateKubeconfigRequest(_message.Message):
    __slots__ = ("environment",)
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    environment: str
    def __init__(self, environment: _Optional[str] = ...) -> None: ...

class GenerateKubeconfigResponse(_message.Message):
    __slots__ = ("kubeconfig", "expire_time")
    KUBECONFIG_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    kubeconfig: bytes
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, kubeconfig: _Optional[bytes] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
