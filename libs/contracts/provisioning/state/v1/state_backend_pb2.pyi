import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StateStoreKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_STORE_KIND_UNSPECIFIED: _ClassVar[StateStoreKind]
    STATE_STORE_KIND_S3: _ClassVar[StateStoreKind]
    STATE_STORE_KIND_S3_DYNAMODB: _ClassVar[StateStoreKind]
    STATE_STORE_KIND_GCS: _ClassVar[StateStoreKind]

class StateChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_CHANGE_KIND_UNSPECIFIED: _ClassVar[StateChangeKind]
    STATE_CHANGE_KIND_ADDED: _ClassVar[StateChangeKind]
    STATE_CHANGE_KIND_REMOVED: _ClassVar[StateChangeKind]
    STATE_CHANGE_KIND_CHANGED: _ClassVar[StateChangeKind]
STATE_STORE_KIND_UNSPECIFIED: StateStoreKind
STATE_STORE_KIND_S3: StateStoreKind
STATE_STORE_KIND_S3_DYNAMODB: StateStoreKind
STATE_STORE_KIND_GCS: StateStoreKind
STATE_CHANGE_KIND_UNSPECIFIED: StateChangeKind
STATE_CHANGE_KIND_ADDED: StateChangeKind
STATE_CHANGE_KIND_REMOVED: StateChangeKind
STATE_CHANGE_KIND_CHANGED: StateChangeKind

class StateLocation(_message.Message):
    __slots__ = ("bucket", "key", "region", "kind", "kms_key_arn", "dynamodb_table")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    KMS_KEY_ARN_FIELD_NUMBER: _ClassVar[int]
    DYNAMODB_TABLE_FIELD_NUMBER: _ClassVar[int]
    bucket: str
    key: str
    region: str
    kind: StateStoreKind
    kms_key_arn: str
    dynamodb_table: str
    def __init__(self, bucket: _Optional[str] = ..., key: _Optional[str] = ..., region: _Optional[str] = ..., kind: _Optional[_Union[StateStoreKind, str]] = ..., kms_key_arn: _Optional[str] = ..., dynamodb_table: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("name", "lineage", "serial", "etag", "object_version", "sha256", "size_bytes", "run", "fence", "resources", "create_time", "author", "reason", "restored", "content")
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
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RESTORED_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
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
    author: str
    reason: str
    restored: str
    content: str
    def __init__(self, name: _Optional[str] = ..., lineage: _Optional[str] = ..., serial: _Optional[int] = ..., etag: _Optional[str] = ..., object_version: _Optional[str] = ..., sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ..., run: _Optional[str] = ..., fence: _Optional[int] = ..., resources: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., author: _Optional[str] = ..., reason: _Optional[str] = ..., restored: _Optional[str] = ..., content: _Optional[str] = ...) -> None: ...

class StateChange(_message.Message):
    __slots__ = ("address", "kind", "attributes")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    address: str
    kind: StateChangeKind
    attributes: _containers.RepeatedCompositeFieldContainer[AttributeChange]
    def __init__(self, address: _Optional[str] = ..., kind: _Optional[_Union[StateChangeKind, str]] = ..., attributes: _Optional[_Iterable[_Union[AttributeChange, _Mapping]]] = ...) -> None: ...

class AttributeChange(_message.Message):
    __slots__ = ("path", "before", "after")
    PATH_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    path: str
    before: str
    after: str
    def __init__(self, path: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class StateLock(_message.Message):
    __slots__ = ("name", "leases", "lock_object")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    LOCK_OBJECT_FIELD_NUMBER: _ClassVar[int]
    name: str
    leases: _containers.RepeatedCompositeFieldContainer[Lease]
    lock_object: LockObject
    def __init__(self, name: _Optional[str] = ..., leases: _Optional[_Iterable[_Union[Lease, _Mapping]]] = ..., lock_object: _Optional[_Union[LockObject, _Mapping]] = ...) -> None: ...

class LockObject(_message.Message):
    __slots__ = ("id", "who", "operation", "created", "ours")
    ID_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    OURS_FIELD_NUMBER: _ClassVar[int]
    id: str
    who: str
    operation: str
    created: str
    ours: bool
    def __init__(self, id: _Optional[str] = ..., who: _Optional[str] = ..., operation: _Optional[str] = ..., created: _Optional[str] = ..., ours: _Optional[bool] = ...) -> None: ...

class AuditRecord(_message.Message):
    __slots__ = ("name", "action", "author", "reason", "subject", "outcome", "detail", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    action: str
    author: str
    reason: str
    subject: str
    outcome: str
    detail: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., action: _Optional[str] = ..., author: _Optional[str] = ..., reason: _Optional[str] = ..., subject: _Optional[str] = ..., outcome: _Optional[str] = ..., detail: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("key", "holder", "fence", "run", "remaining_milliseconds", "acquire_time", "operation", "heartbeat_time", "heartbeat_age_milliseconds", "age_milliseconds")
    KEY_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    REMAINING_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    ACQUIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_TIME_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_AGE_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    AGE_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    key: str
    holder: str
    fence: int
    run: str
    remaining_milliseconds: int
    acquire_time: _timestamp_pb2.Timestamp
    operation: str
    heartbeat_time: _timestamp_pb2.Timestamp
    heartbeat_age_milliseconds: int
    age_milliseconds: int
    def __init__(self, key: _Optional[str] = ..., holder: _Optional[str] = ..., fence: _Optional[int] = ..., run: _Optional[str] = ..., remaining_milliseconds: _Optional[int] = ..., acquire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., operation: _Optional[str] = ..., heartbeat_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., heartbeat_age_milliseconds: _Optional[int] = ..., age_milliseconds: _Optional[int] = ...) -> None: ...
