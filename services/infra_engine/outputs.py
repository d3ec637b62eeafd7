"""Terraform's outputs as the contract's message: what it has a field for, by the same name."""

from collections.abc import Mapping

from google.protobuf import json_format
from provisioning.environment.v1.environment_pb2 import EnvironmentOutputs

_FIELDS = frozenset(EnvironmentOutputs.DESCRIPTOR.fields_by_name)


def outputs_message(values: Mapping[str, object]) -> EnvironmentOutputs:
    """The outputs that the contract knows; Terraform's others stay in the state."""
    known = {name: value for name, value in values.items() if name in _FIELDS and value is not None}
    return json_format.ParseDict(known, EnvironmentOutputs())
