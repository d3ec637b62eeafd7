"""Defaults that others must know: of fields that cannot change, or not back, to write one down is no change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provisioning.environment.v1 import environment_spec_pb2 as pb

STORAGE_GB = {pb.SIZE_SMALL: 20, pb.SIZE_MEDIUM: 100, pb.SIZE_LARGE: 500}
"""The database's storage by its size."""
STATE_RETENTION_DAYS = 180
"""How long the versions of a state are kept, in days."""
CACHE_VERSIONS = {pb.CACHE_ENGINE_VALKEY: "8.0", pb.CACHE_ENGINE_REDIS: "7.1"}


def storage_gb(postgres: pb.PostgresSpec) -> int:
    """Answer the database's storage."""
    return postgres.storage_gb if postgres.HasField("storage_gb") else STORAGE_GB.get(postgres.size, 20)


def default_of(path: str, message: Any) -> object:
    """Answer the default of a field by its path and the message that it is in; None where none is known here."""
    default = _DEFAULTS.get(path)
    return default(message) if default is not None else None


_DEFAULTS: Mapping[str, Callable[[Any], object]] = {
    "network.cidr": lambda network: "10.0.0.0/16",
    "network.zone_count": lambda network: len(network.zone_ids) or 2,
    "data.object_store.bucket_prefix": lambda store: "beta9",
    "state.retention_days": lambda state: STATE_RETENTION_DAYS,
    "data.postgres.version": lambda postgres: "17",
    "data.postgres.storage_gb": storage_gb,
    "data.postgres.backup_retention_days": lambda postgres: 7,
    "data.redis.engine": lambda redis: pb.CACHE_ENGINE_VALKEY,
    "data.redis.version": lambda redis: CACHE_VERSIONS.get(redis.engine or pb.CACHE_ENGINE_VALKEY),
}
