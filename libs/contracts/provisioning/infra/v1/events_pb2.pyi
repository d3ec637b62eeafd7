from provisioning.environment.v1 import environment_pb2 as _environment_pb2
from provisioning.environment.v1 import environment_spec_pb2 as _environment_spec_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from provisioning.environment.v1 import planned_change_pb2 as _planned_change_pb2
from provisioning.infra.v1 import deployment_pb2 as _deployment_pb2
from provisioning.state.v1 import state_backend_pb2 as _state_backend_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PreflightRequested(_message.Message):
    __slots__ = ("hand_over", "access", "spec", "generation", "present")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    access: _hand_over_pb2.AwsAccess
    spec: _environment_spec_pb2.EnvironmentSpec
    generation: int
    present: _environment_spec_pb2.EnvironmentSpec
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., access: _Optional[_Union[_hand_over_pb2.AwsAccess, _Mapping]] = ..., spec: _Optional[_Union[_environment_spec_pb2.EnvironmentSpec, _Mapping]] = ..., generation: _Optional[int] = ..., present: _Optional[_Union[_environment_spec_pb2.EnvironmentSpec, _Mapping]] = ...) -> None: ...

class PreflightPassed(_message.Message):
    __slots__ = ("hand_over", "findings")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("reason", "field", "message", "remedy", "blocking")
    REASON_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    BLOCKING_FIELD_NUMBER: _ClassVar[int]
    reason: str
    field: str
    message: str
    remedy: str
    blocking: bool
    def __init__(self, reason: _Optional[str] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., remedy: _Optional[str] = ..., blocking: _Optional[bool] = ...) -> None: ...

class DeploymentRequested(_message.Message):
    __slots__ = ("hand_over", "access", "spec", "generation", "location", "allow_data_loss", "credential_versions")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    ALLOW_DATA_LOSS_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    access: _hand_over_pb2.AwsAccess
    spec: _environment_spec_pb2.EnvironmentSpec
    generation: int
    location: _state_backend_pb2.StateLocation
    allow_data_loss: bool
    credential_versions: _hand_over_pb2.CredentialVersions
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., access: _Optional[_Union[_hand_over_pb2.AwsAccess, _Mapping]] = ..., spec: _Optional[_Union[_environment_spec_pb2.EnvironmentSpec, _Mapping]] = ..., generation: _Optional[int] = ..., location: _Optional[_Union[_state_backend_pb2.StateLocation, _Mapping]] = ..., allow_data_loss: _Optional[bool] = ..., credential_versions: _Optional[_Union[_hand_over_pb2.CredentialVersions, _Mapping]] = ...) -> None: ...

class DestroyRequested(_message.Message):
    __slots__ = ("hand_over", "access", "spec", "generation", "location")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    access: _hand_over_pb2.AwsAccess
    spec: _environment_spec_pb2.EnvironmentSpec
    generation: int
    location: _state_backend_pb2.StateLocation
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., access: _Optional[_Union[_hand_over_pb2.AwsAccess, _Mapping]] = ..., spec: _Optional[_Union[_environment_spec_pb2.EnvironmentSpec, _Mapping]] = ..., generation: _Optional[int] = ..., location: _Optional[_Union[_state_backend_pb2.StateLocation, _Mapping]] = ...) -> None: ...

class ClusterAvailable(_message.Message):
    __slots__ = ("hand_over", "outputs")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    outputs: _environment_pb2.EnvironmentOutputs
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., outputs: _Optional[_Union[_environment_pb2.EnvironmentOutputs, _Mapping]] = ...) -> None: ...

class BackendsAvailable(_message.Message):
    __slots__ = ("hand_over", "outputs")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    outputs: _environment_pb2.EnvironmentOutputs
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., outputs: _Optional[_Union[_environment_pb2.EnvironmentOutputs, _Mapping]] = ...) -> None: ...

class DeploymentApplied(_message.Message):
    __slots__ = ("hand_over", "outputs", "resources")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    outputs: _environment_pb2.EnvironmentOutputs
    resources: int
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., outputs: _Optional[_Union[_environment_pb2.EnvironmentOutputs, _Mapping]] = ..., resources: _Optional[int] = ...) -> None: ...

class DeploymentDestroyed(_message.Message):
    __slots__ = ("hand_over", "kept")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    kept: _containers.RepeatedCompositeFieldContainer[_environment_pb2.KeptResource]
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., kept: _Optional[_Iterable[_Union[_environment_pb2.KeptResource, _Mapping]]] = ...) -> None: ...

class DeploymentPlanned(_message.Message):
    __slots__ = ("hand_over", "resources_planned", "changes")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_PLANNED_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    resources_planned: int
    changes: _containers.RepeatedCompositeFieldContainer[_planned_change_pb2.PlannedChange]
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., resources_planned: _Optional[int] = ..., changes: _Optional[_Iterable[_Union[_planned_change_pb2.PlannedChange, _Mapping]]] = ...) -> None: ...

class ResourceChanged(_message.Message):
    __slots__ = ("hand_over", "change", "resources_done", "resources_planned")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_DONE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_PLANNED_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    change: _deployment_pb2.ResourceChange
    resources_done: int
    resources_planned: int
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., change: _Optional[_Union[_deployment_pb2.ResourceChange, _Mapping]] = ..., resources_done: _Optional[int] = ..., resources_planned: _Optional[int] = ...) -> None: ...
