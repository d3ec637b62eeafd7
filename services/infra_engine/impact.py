"""What the changes of a plan mean for what runs. Standard library only.

Read from `terraform show -json` of a saved plan: its JSON says which arguments differ, which the stream of a plan does
not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Impact(Enum):
    """What a change means; the names are those of the contract's enum without its prefix, the weightiest last."""

    IN_PLACE = "IN_PLACE"
    DISRUPTIVE = "DISRUPTIVE"
    DATA_LOSS = "DATA_LOSS"

    @property
    def weight(self) -> int:
        return list(Impact).index(self)


@dataclass(frozen=True, slots=True)
class WeighedChange:
    """A change of a plan. `action` is create, update, replace or delete; `paths` are the arguments that differ."""

    address: str
    action: str
    impact: Impact
    paths: tuple[str, ...] = ()


_HOLDS_DATA = frozenset(
    {
        "aws_db_instance",
        "aws_eks_cluster",
        "aws_elasticache_replication_group",
        "aws_kms_key",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
        "aws_vpc",
    }
)
"""What cannot be made again as it was. The cluster is among them for its volumes, the VPC for all that is in it."""

_QUIET = frozenset(
    {
        "aws_db_parameter_group",
        "aws_elasticache_parameter_group",
        "aws_iam_role_policy_attachment",
        "aws_secretsmanager_secret_version",
    }
)
"""What nothing feels the replacement of: what uses a parameter group changes too, and says so itself."""

_RESTARTS: Mapping[str, frozenset[str]] = {
    "aws_db_instance": frozenset(
        {"instance_class", "engine_version", "parameter_group_name", "storage_type", "ca_cert_identifier"}
    ),
    "aws_elasticache_replication_group": frozenset({"node_type", "engine", "engine_version", "parameter_group_name"}),
    "aws_eks_cluster": frozenset({"version"}),
    "aws_eks_node_group": frozenset({"version", "release_version", "launch_template"}),
    "aws_eks_addon": frozenset({"addon_version"}),
    "aws_route": frozenset({"nat_gateway_id", "gateway_id"}),
}
"""Arguments whose change restarts, fails over or replaces nodes, by AWS's own words about each."""

# No argument that a document could mean: tags of the provider's own, and what AWS fills in.
_SILENT = frozenset({"tags_all", "id", "arn"})


def weigh(plan: Mapping[str, Any]) -> list[WeighedChange]:
    """Every change of a plan in its JSON form, the weightiest first."""
    found = []
    for one in plan.get("resource_changes", []):
        if one.get("mode") != "managed":
            continue
        action = _action(one["change"]["actions"])
        if action is not None:
            paths = _paths(one["change"]) if action in ("update", "replace") else ()
            impact = _impact(one["type"], action, paths)
            found.append(WeighedChange(one["address"], action, impact, paths))
    return sorted(found, key=lambda change: (-change.impact.weight, change.address))


def _action(actions: list[str]) -> str | None:
    if set(actions) == {"create", "delete"}:
        return "replace"
    return actions[0] if actions in (["create"], ["update"], ["delete"]) else None


def _impact(kind: str, action: str, paths: tuple[str, ...]) -> Impact:
    if action == "create":
        return Impact.IN_PLACE
    if kind in _QUIET:
        return Impact.IN_PLACE
    if action in ("replace", "delete"):
        return Impact.DATA_LOSS if kind in _HOLDS_DATA else Impact.DISRUPTIVE
    return Impact.DISRUPTIVE if _RESTARTS.get(kind, frozenset()) & set(paths) else Impact.IN_PLACE


def _paths(change: Mapping[str, Any]) -> tuple[str, ...]:
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = change.get("after_unknown") or {}
    names = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    # What becomes known with the apply differs only where it was asked for: `replace_paths` says so of a replacement.
    forced = {str(path[0]) for path in change.get("replace_paths") or [] if path}
    return tuple(sorted((names - {name for name in names if unknown.get(name) is True} | forced) - _SILENT))
