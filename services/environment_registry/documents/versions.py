"""Versions: which way they may go, and which stay where the document says none."""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb
from provisioning.environment.v1.environment_pb2 import EnvironmentOutputs

_ENGINES = {"valkey": pb.CACHE_ENGINE_VALKEY, "redis": pb.CACHE_ENGINE_REDIS}
_MINOR = re.compile(r"1\.([0-9]{1,3})")

LOWER_IS_IMPOSSIBLE = frozenset(
    {"data.postgres.version", "data.postgres.storage_gb", "data.redis.version", "data.redis.engine"}
)
"""Fields that AWS takes up alone."""


def with_built_versions(spec: pb.EnvironmentSpec, outputs: EnvironmentOutputs) -> pb.EnvironmentSpec:
    """Answer the document with the versions of what is built written down wherever it says none.

    A release of the platform brings new defaults; what is built keeps its versions until the document says others.
    """
    kept = pb.EnvironmentSpec()
    kept.CopyFrom(spec)
    cluster, postgres, redis = kept.cluster, kept.data.postgres, kept.data.redis
    # The version of a cluster of the customer's is theirs.
    if outputs.cluster_version and not cluster.use_existing and not cluster.HasField("version"):
        cluster.version = outputs.cluster_version
    if outputs.postgres_version and not postgres.HasField("version"):
        postgres.version = outputs.postgres_version
    engine = _ENGINES.get(outputs.redis_engine)
    if engine is not None and redis.engine in (pb.CACHE_ENGINE_UNSPECIFIED, engine):
        redis.engine = engine
        if not redis.HasField("version"):
            redis.version = outputs.redis_version
    return kept


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
