from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.longrunning import operations_pb2 as _operations_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from provisioning.environment.v1 import environment_pb2 as _environment_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OnCreateFailure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ON_CREATE_FAILURE_UNSPECIFIED: _ClassVar[OnCreateFailure]
    ON_CREATE_FAILURE_KEEP: _ClassVar[OnCreateFailure]
    ON_CREATE_FAILURE_DESTROY: _ClassVar[OnCreateFailure]

class Credential(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CREDENTIAL_UNSPECIFIED: _ClassVar[Credential]
    CREDENTIAL_POSTGRES_PASSWORD: _ClassVar[Credential]
    CREDENTIAL_REDIS_AUTH_TOKEN: _ClassVar[Credential]
    CREDENTIAL_WORKSPACE_STORAGE_KEY: _ClassVar[Credential]
ON_CREATE_FAILURE_UNSPECIFIED: OnCreateFailure
ON_CREATE_FAILURE_KEEP: OnCreateFailure
ON_CREATE_FAILURE_DESTROY: OnCreateFailure
CREDENTIAL_UNSPECIFIED: Credential
CREDENTIAL_POSTGRES_PASSWORD: Credential
CREDENTIAL_REDIS_AUTH_TOKEN: Credential
CREDENTIAL_WORKSPACE_STORAGE_KEY: Credential

class IssueExternalIdRequest(_message.Message):
    __slots__ = ("parent",)
    PARENT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    def __init__(self, parent: _Optional[str] = ...) -> None: ...

class IssueExternalIdResponse(_message.Message):
    __slots__ = ("external_id",)
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    external_id: str
    def __init__(self, external_id: _Optional[str] = ...) -> None: ...

class CreateEnvironmentRequest(_message.Message):
    __slots__ = ("parent", "environment_id", "environment", "request_id", "validate_only", "on_create_failure")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ON_CREATE_FAILURE_FIELD_NUMBER: _ClassVar[int]
    parent: str
    environment_id: str
    environment: _environment_pb2.Environment
    request_id: str
    validate_only: bool
    on_create_failure: OnCreateFailure
    def __init__(self, parent: _Optional[str] = ..., environment_id: _Optional[str] = ..., environment: _Optional[_Union[_environment_pb2.Environment, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., on_create_failure: _Optional[_Union[OnCreateFailure, str]] = ...) -> None: ...

class GetEnvironmentRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListEnvironmentsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "show_deleted")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SHOW_DELETED_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    show_deleted: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., show_deleted: _Optional[bool] = ...) -> None: ...

class ListEnvironmentsResponse(_message.Message):
    __slots__ = ("environments", "next_page_token")
    ENVIRONMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    environments: _containers.RepeatedCompositeFieldContainer[_environment_pb2.Environment]
    next_page_token: str
    def __init__(self, environments: _Optional[_Iterable[_Union[_environment_pb2.Environment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateEnvironmentRequest(_message.Message):
    __slots__ = ("environment", "update_mask", "request_id", "validate_only", "allow_data_loss")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_DATA_LOSS_FIELD_NUMBER: _ClassVar[int]
    environment: _environment_pb2.Environment
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    allow_data_loss: bool
    def __init__(self, environment: _Optional[_Union[_environment_pb2.Environment, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., allow_data_loss: _Optional[bool] = ...) -> None: ...

class RotateCredentialsRequest(_message.Message):
    __slots__ = ("name", "credentials", "etag", "request_id", "validate_only")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    credentials: _containers.RepeatedScalarFieldContainer[Credential]
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, name: _Optional[str] = ..., credentials: _Optional[_Iterable[_Union[Credential, str]]] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteEnvironmentRequest(_message.Message):
    __slots__ = ("name", "etag", "request_id", "validate_only", "remove_state_bucket")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REMOVE_STATE_BUCKET_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    request_id: str
    validate_only: bool
    remove_state_bucket: bool
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., remove_state_bucket: _Optional[bool] = ...) -> None: ...

class RetryEnvironmentRequest(_message.Message):
    __slots__ = ("name", "etag", "request_id", "validate_only")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class WatchEnvironmentsRequest(_message.Message):
    __slots__ = ("parent", "environment_id", "resume_marker")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_MARKER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    environment_id: str
    resume_marker: str
    def __init__(self, parent: _Optional[str] = ..., environment_id: _Optional[str] = ..., resume_marker: _Optional[str] = ...) -> None: ...

class WatchEnvironmentsResponse(_message.Message):
    __slots__ = ("environment", "operation", "resume_marker")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    RESUME_MARKER_FIELD_NUMBER: _ClassVar[int]
    environment: _environment_pb2.Environment
    operation: _operations_pb2.Operation
    resume_marker: str
    def __init__(self, environment: _Optional[_Union[_environment_pb2.Environment, _Mapping]] = ..., operation: _Optional[_Union[_operations_pb2.Operation, _Mapping]] = ..., resume_marker: _Optional[str] = ...) -> None: ...

class ApproveEnvironmentPlanRequest(_message.Message):
    __slots__ = ("name", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class RejectEnvironmentPlanRequest(_message.Message):
    __slots__ = ("name", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...
