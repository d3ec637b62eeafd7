from provisioning.bootstrap.v1 import bootstrap_pb2 as _bootstrap_pb2
from provisioning.environment.v1 import environment_pb2 as _environment_pb2
from provisioning.environment.v1 import environment_spec_pb2 as _environment_spec_pb2
from provisioning.environment.v1 import hand_over_pb2 as _hand_over_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BootstrapRequested(_message.Message):
    __slots__ = ("hand_over", "access", "spec", "outputs", "phase", "credential_versions")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    access: _hand_over_pb2.AwsAccess
    spec: _environment_spec_pb2.EnvironmentSpec
    outputs: _environment_pb2.EnvironmentOutputs
    phase: _bootstrap_pb2.Phase
    credential_versions: _hand_over_pb2.CredentialVersions
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., access: _Optional[_Union[_hand_over_pb2.AwsAccess, _Mapping]] = ..., spec: _Optional[_Union[_environment_spec_pb2.EnvironmentSpec, _Mapping]] = ..., outputs: _Optional[_Union[_environment_pb2.EnvironmentOutputs, _Mapping]] = ..., phase: _Optional[_Union[_bootstrap_pb2.Phase, str]] = ..., credential_versions: _Optional[_Union[_hand_over_pb2.CredentialVersions, _Mapping]] = ...) -> None: ...

class BaselineBootstrapped(_message.Message):
    __slots__ = ("hand_over",)
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ...) -> None: ...

class ClusterBootstrapped(_message.Message):
    __slots__ = ("hand_over", "outputs")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    outputs: _environment_pb2.EnvironmentOutputs
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., outputs: _Optional[_Union[_environment_pb2.EnvironmentOutputs, _Mapping]] = ...) -> None: ...

class DrainRequested(_message.Message):
    __slots__ = ("hand_over", "access", "spec", "outputs")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    access: _hand_over_pb2.AwsAccess
    spec: _environment_spec_pb2.EnvironmentSpec
    outputs: _environment_pb2.EnvironmentOutputs
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., access: _Optional[_Union[_hand_over_pb2.AwsAccess, _Mapping]] = ..., spec: _Optional[_Union[_environment_spec_pb2.EnvironmentSpec, _Mapping]] = ..., outputs: _Optional[_Union[_environment_pb2.EnvironmentOutputs, _Mapping]] = ...) -> None: ...

class ClusterDrained(_message.Message):
    __slots__ = ("hand_over", "removed", "kept")
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    hand_over: _hand_over_pb2.HandOver
    removed: _containers.RepeatedScalarFieldContainer[str]
    kept: _containers.RepeatedCompositeFieldContainer[_environment_pb2.KeptResource]
    def __init__(self, hand_over: _Optional[_Union[_hand_over_pb2.HandOver, _Mapping]] = ..., removed: _Optional[_Iterable[str]] = ..., kept: _Optional[_Iterable[_Union[_environment_pb2.KeptResource, _Mapping]]] = ...) -> None: ...
