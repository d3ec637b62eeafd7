"""Versions: which way they may go."""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

_MINOR = re.compile(r"1\.([0-9]{1,3})")

LOWER_IS_IMPOSSIBLE = frozenset(
    {"data.postgres.version", "data.postgres.storage_gb", "data.redis.version", "data.redis.engine"}
)
"""Fields that AWS takes up alone."""


def downgrade(path: str, before: object, after: object) -> str:
    """Answer why a value of LOWER_IS_IMPOSSIBLE cannot become another one; empty when it can, or is not known."""
    if before is None or after is None:
        return ""
    if path == "data.redis.engine":
        back = (before, after) == (pb.CACHE_ENGINE_VALKEY, pb.CACHE_ENGINE_REDIS)
        return "AWS turns Redis into Valkey, and not back: leave it." if back else ""
    lower = _numbers(str(after)) < _numbers(str(before))
    return f"Is {before} now, and AWS makes it no lower: leave it, or give a higher one." if lower else ""


def minors_up(present: str, wished: str) -> str:
    """Answer why a Kubernetes version cannot follow another one; empty when it can."""
    was, wants = _MINOR.fullmatch(present), _MINOR.fullmatch(wished)
    if was is None or wants is None:
        return ""
    steps = int(wants[1]) - int(was[1])
    if steps < 0:
        return f"The cluster has {present}, and EKS goes up alone: leave it."
    if steps > 1:
        return f"The cluster has {present}, and EKS goes up one minor version at a time: give 1.{int(was[1]) + 1}."
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version))
