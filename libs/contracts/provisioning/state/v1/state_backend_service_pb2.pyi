from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from provisioning.state.v1 import state_backend_pb2 as _state_backend_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStateBackendRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListStateBackendsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStateBackendsResponse(_message.Message):
    __slots__ = ("state_backends", "next_page_token")
    STATE_BACKENDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state_backends: _containers.RepeatedCompositeFieldContainer[_state_backend_pb2.StateBackend]
    next_page_token: str
    def __init__(self, state_backends: _Optional[_Iterable[_Union[_state_backend_pb2.StateBackend, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListStateVersionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStateVersionsResponse(_message.Message):
    __slots__ = ("state_versions", "next_page_token")
    STATE_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state_versions: _containers.RepeatedCompositeFieldContainer[_state_backend_pb2.StateVersion]
    next_page_token: str
    def __init__(self, state_versions: _Optional[_Iterable[_Union[_state_backend_pb2.StateVersion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RecordStateVersionRequest(_message.Message):
    __slots__ = ("parent", "state_version", "lease_key")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    STATE_VERSION_FIELD_NUMBER: _ClassVar[int]
    LEASE_KEY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    state_version: _state_backend_pb2.StateVersion
    lease_key: str
    def __init__(self, parent: _Optional[str] = ..., state_version: _Optional[_Union[_state_backend_pb2.StateVersion, _Mapping]] = ..., lease_key: _Optional[str] = ...) -> None: ...

class AcquireLeaseRequest(_message.Message):
    __slots__ = ("key", "holder", "run", "duration_milliseconds")
    KEY_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    DURATION_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    key: str
    holder: str
    run: str
    duration_milliseconds: int
    def __init__(self, key: _Optional[str] = ..., holder: _Optional[str] = ..., run: _Optional[str] = ..., duration_milliseconds: _Optional[int] = ...) -> None: ...

class RenewLeaseRequest(_message.Message):
    __slots__ = ("key", "holder", "fence", "duration_milliseconds")
    KEY_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    DURATION_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    key: str
    holder: str
    fence: int
    duration_milliseconds: int
    def __init__(self, key: _Optional[str] = ..., holder: _Optional[str] = ..., fence: _Optional[int] = ..., duration_milliseconds: _Optional[int] = ...) -> None: ...

class ReleaseLeaseRequest(_message.Message):
    __slots__ = ("key", "holder", "fence")
    KEY_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    key: str
    holder: str
    fence: int
    def __init__(self, key: _Optional[str] = ..., holder: _Optional[str] = ..., fence: _Optional[int] = ...) -> None: ...

class ReleaseLeaseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetLeaseRequest(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: str
    def __init__(self, key: _Optional[str] = ...) -> None: ...

class UnlockRequest(_message.Message):
    __slots__ = ("key", "reason", "force", "lock_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    LOCK_ID_FIELD_NUMBER: _ClassVar[int]
    key: str
    reason: str
    force: bool
    lock_id: str
    def __init__(self, key: _Optional[str] = ..., reason: _Optional[str] = ..., force: _Optional[bool] = ..., lock_id: _Optional[str] = ...) -> None: ...

class UnlockResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RollBackStateRequest(_message.Message):
    __slots__ = ("name", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class GetStateVersionRequest(_message.Message):
    __slots__ = ("name", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: bool
    def __init__(self, name: _Optional[str] = ..., content: _Optional[bool] = ...) -> None: ...

class CompareStateVersionsRequest(_message.Message):
    __slots__ = ("name", "base")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    name: str
    base: str
    def __init__(self, name: _Optional[str] = ..., base: _Optional[str] = ...) -> None: ...

class CompareStateVersionsResponse(_message.Message):
    __slots__ = ("base", "state_version", "changes")
    BASE_FIELD_NUMBER: _ClassVar[int]
    STATE_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    base: _state_backend_pb2.StateVersion
    state_version: _state_backend_pb2.StateVersion
    changes: _containers.RepeatedCompositeFieldContainer[_state_backend_pb2.StateChange]
    def __init__(self, base: _Optional[_Union[_state_backend_pb2.StateVersion, _Mapping]] = ..., state_version: _Optional[_Union[_state_backend_pb2.StateVersion, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[_state_backend_pb2.StateChange, _Mapping]]] = ...) -> None: ...

class GetStateLockRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListAuditRecordsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAuditRecordsResponse(_message.Message):
    __slots__ = ("audit_records", "next_page_token")
    AUDIT_RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    audit_records: _containers.RepeatedCompositeFieldContainer[_state_backend_pb2.AuditRecord]
    next_page_token: str
    def __init__(self, audit_records: _Optional[_Iterable[_Union[_state_backend_pb2.AuditRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
