"""What a change of the document means, field by field. The contract's comments say the same to people.

A field that is not in a table below changes in place. Whether something is replaced in the end is the plan's to say;
here is what is known before any plan, and what is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from google.protobuf.message import Message
from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.defaults import default_of
from services.environment_registry.documents.versions import LOWER_IS_IMPOSSIBLE, downgrade, minors_up


class Change(StrEnum):
    """What changing a field does."""

    IN_PLACE = "in place"
    DISRUPTIVE = "disruptive"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs. `why` is said of what is impossible."""

    path: str
    change: Change
    why: str = ""


IMPOSSIBLE = frozenset({
    "cloud.provider", "cloud.region", "cloud.account_id", "cloud.service_account", "cloud.kms_key_arn",
    "network.cidr", "network.zone_count", "network.zone_ids", "network.existing_vpc_id",
    "network.existing_private_subnet_ids", "network.existing_public_subnet_ids",
    "cluster.use_existing", "cluster.existing_cluster_name", "data.object_store.bucket_prefix",
    "state.bucket", "state.retention_days", "state.kms_key_arn", "state.dynamodb_table", "state.gcs.bucket",
    "state.gcs.prefix",
})  # fmt: skip
"""Fields that an environment keeps for its life: another value would be another environment."""

_GROUP = ("name", "instance_types", "disk_gb", "capacity_type", "capacity_reservation_id", "gpu_type", "gpu_count")
DISRUPTIVE = frozenset({
    "network.nat", "cluster.profile", "cluster.version",
    *(f"cluster.{group}.{field}" for group in ("system_nodes", "node_groups") for field in _GROUP),
    "data.postgres.size", "data.postgres.instance_class", "data.postgres.version",
    "data.redis.size", "data.redis.engine", "data.redis.version", "data.redis.node_type",
    "beta9.workers.gpu_type", "beta9.workers.gpu_count", "beta9.workers.capacity_type",
    "beta9.workers.capacity_reservation_id",
})  # fmt: skip
"""Fields whose change restarts or replaces something that holds no data of its own."""

ZERO_IS_DISRUPTIVE = frozenset({"data.postgres.backup_retention_days"})
"""Fields that change in place, but to and from 0."""

OFF_IS_DISRUPTIVE = frozenset({"beta9.workers.gpu_enabled"})
"""Fields that change in place, but to false: what works by them ends."""


def field_changes(present: pb.EnvironmentSpec, wished: pb.EnvironmentSpec, kubernetes: str) -> list[FieldChange]:
    """Answer every field that differs, in the document's order.

    `kubernetes` is the version that the cluster has, or empty. A list or a map is one field; node groups are told
    apart by their names.
    """
    changes = [_judged(path, before, after) for path, before, after in _differences(present, wished, "")]
    version = wished.cluster.version
    if version and kubernetes and (why := minors_up(kubernetes, version)):
        changes = [one for one in changes if one.path != "cluster.version"]
        changes.append(FieldChange("cluster.version", Change.IMPOSSIBLE, why))
    return changes


def _judged(path: str, before: object, after: object) -> FieldChange:
    rule = path.split("[", 1)[0] + path.rpartition("]")[2] if "[" in path else path
    if rule in IMPOSSIBLE:
        return FieldChange(path, Change.IMPOSSIBLE, "An environment keeps it for its life: create another one.")
    if rule in LOWER_IS_IMPOSSIBLE and (why := downgrade(rule, before, after)):
        return FieldChange(path, Change.IMPOSSIBLE, why)
    disruptive = (
        rule in DISRUPTIVE
        or (rule in ZERO_IS_DISRUPTIVE and 0 in (before, after))
        or (rule in OFF_IS_DISRUPTIVE and after is False)
    )
    return FieldChange(path, Change.DISRUPTIVE if disruptive else Change.IN_PLACE)


def _differences(before: Message, after: Message, at: str) -> Iterator[tuple[str, object, object]]:
    for field in before.DESCRIPTOR.fields:
        path = f"{at}{field.name}"
        old, new = getattr(before, field.name), getattr(after, field.name)
        if path == "cluster.node_groups":
            yield from _groups(path, {one.name: one for one in old}, {one.name: one for one in new})
        elif field.message_type is not None and not field.is_repeated:
            yield from _differences(old, new, f"{path}.")
        elif field.is_repeated:
            if old != new:
                yield path, old, new
        else:
            was, wished = _value(before, field.name, path), _value(after, field.name, path)
            if was != wished:
                yield path, was, wished


def _groups(
    path: str, before: dict[str, pb.NodeGroupSpec], after: dict[str, pb.NodeGroupSpec]
) -> Iterator[tuple[str, object, object]]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield f"{path}[{name}]", None, new
        elif new is None:
            yield f"{path}[{name}].name", old, None  # it goes, with its nodes
        else:
            yield from _differences(old, new, f"{path}[{name}].")


def _value(message: Message, name: str, path: str) -> object:
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.has_presence and not message.HasField(name):
        return default_of(path, message)
    value: object = getattr(message, name)
    # An enum's 0 is "not said".
    return default_of(path, message) if field.enum_type is not None and not value else value
