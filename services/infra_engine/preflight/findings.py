"""What a check has found."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stops a build, or (not `blocking`) that a person should know of.

    Attributes:
        reason: UPPER_SNAKE code, stable.
        field: path in the document, such as `cluster.node_groups[1].instance_types`.
        message: one sentence about what is.
        remedy: one sentence about what to change, or what to ask AWS for.
        number: what is asked or there, where a number is the point; `limit` is what it is measured against.
    """

    reason: str
    field: str
    message: str
    remedy: str
    number: float | None = None
    limit: float | None = None
    blocking: bool = True


SETTLED_REASONS = frozenset(
    {
        "INSTANCE_TYPE_NOT_OFFERED",
        "DATABASE_CLASS_NOT_OFFERED",
        "FINAL_SNAPSHOT_EXISTS",
        "KUBERNETES_VERSION_LOWER",
        "KUBERNETES_VERSION_UNSUPPORTED",
        "CLUSTER_OCCUPIED",
        "RESERVATION_NOT_FOUND",
        "RESERVATION_NOT_ACTIVE",
        "RESERVATION_TOO_SMALL",
        "VCPU_QUOTA_TOO_LOW",
    }
)
"""Reasons that no longer stop what was built before and has not changed since."""


def with_settled(findings: Iterable[Finding], settled: frozenset[str]) -> list[Finding]:
    """Findings about fields that are built and unchanged (`settled`, prefixes of paths) stop nothing."""
    return [
        replace(one, blocking=False) if one.reason in SETTLED_REASONS and _within(one.field, settled) else one
        for one in findings
    ]


def _within(field: str, settled: frozenset[str]) -> bool:
    return any(field == one or field.startswith(f"{one}.") for one in settled)
