import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StateLocation(_message.Message):
    __slots__ = ("bucket", "key", "region")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    bucket: str
    key: str
    region: str
    def __init__(self, bucket: _Optional[str] = ..., key: _Optional[str] = ..., region: _Optional[str] = ...) -> None: ...

class StateBackend(_message.Message):
    __slots__ = ("name", "environment", "location", "serial", "released", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    environment: str
    location: StateLocation
    serial: int
    released: bool
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., environment: _Optional[str] = ..., location: _Optional[_Union[StateLocation, _Mapping]] = ..., serial: _Optional[int] = ..., released: _Optional[bool] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StateVersion(_message.Message):
    __slots__ = ("name", "lineage", "serial", "etag", "object_version", "sha256", "size_bytes", "run", "fence", "resources", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LINEAGE_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    OBJECT_VERSION_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    lineage: str
    serial: int
    etag: str
    object_version: str
    sha256: str
    size_bytes: int
    run: str
    fence: int
    resources: int
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., lineage: _Optional[str] = ..., serial: _Optional[int] = ..., etag: _Optional[str] = ..., object_version: _Optional[str] = ..., sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ..., run: _Optional[str] = ..., fence: _Optional[int] = ..., resources: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("key", "holder", "fence", "run", "remaining_milliseconds", "acquire_time")
    KEY_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    REMAINING_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    ACQUIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    key: str
    holder: str
    fence: int
    run: str
    remaining_milliseconds: int
    acquire_time: _timestamp_pb2.Timestamp
    def __init__(self, key: _Optional[str] = ..., holder: _Optional[str] = ..., fence: _Optional[int] = ..., run: _Optional[str] = ..., remaining_milliseconds: _Optional[int] = ..., acquire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
