"""What an update changes, in the document and in the plan, as a person weighs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.environment.v1.operation_pb2 import OperationMetadata
from provisioning.environment.v1.planned_change_pb2 import Impact

from libs.beta9ctl.output import columns

_MEANINGS = {
    Impact.IMPACT_IN_PLACE: "in place",
    Impact.IMPACT_DISRUPTIVE: "disruptive",
    Impact.IMPACT_DATA_LOSS: "DATA LOSS",
}


@dataclass(frozen=True)
class ChangedField:
    """A field of the document that differs; `impact` is the least that it means, in words."""

    path: str
    impact: str


@dataclass(frozen=True)
class ChangedResource:
    """A change of the plan; `paths` are the arguments that make the difference."""

    address: str
    action: str
    impact: str
    paths: tuple[str, ...]


def changed_fields(metadata: OperationMetadata) -> tuple[ChangedField, ...]:
    """The fields by the paths that documents write."""
    return tuple(
        ChangedField(one.path.removeprefix("spec."), _MEANINGS.get(one.impact, "")) for one in metadata.field_changes
    )


def changed_resources(metadata: OperationMetadata) -> tuple[ChangedResource, ...]:
    """The plan's changes that are more than a create, the weightiest first."""
    return tuple(
        ChangedResource(one.address, one.action, _MEANINGS.get(one.impact, ""), tuple(one.paths))
        for one in metadata.planned_changes
    )


def fields_table(changes: Sequence[ChangedField]) -> str:
    """A line a field; empty for no changes."""
    return columns(("FIELD", "CHANGE IS"), [(one.path, one.impact) for one in changes]) if changes else ""


def resources_table(changes: Sequence[ChangedResource]) -> str:
    """A line a resource; empty for no changes."""
    rows = [(one.action, one.address, one.impact, ", ".join(one.paths)) for one in changes]
    return columns(("PLAN", "RESOURCE", "CHANGE IS", "BECAUSE OF"), rows) if rows else ""
