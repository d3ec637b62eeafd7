"""Rules of `data`: the database, the cache and the bucket."""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.defaults import storage_gb
from services.environment_registry.documents.findings import Findings, listed
from services.environment_registry.documents.windows import check_windows

_DATABASE_CLASS = re.compile(r"db\.[a-z][a-z0-9-]{0,19}\.[a-z0-9][a-z0-9-]{0,19}")
_CACHE_TYPE = re.compile(r"cache\.[a-z][a-z0-9-]{0,19}\.[a-z0-9][a-z0-9-]{0,19}")
_POSTGRES_VERSIONS = ("15", "16", "17", "18")
_CACHE_VERSIONS = {pb.CACHE_ENGINE_VALKEY: ("7.2", "8.0"), pb.CACHE_ENGINE_REDIS: ("7.0", "7.1")}
_STORAGE_GB = (20, 65536)
# A bucket's name has 63 characters at most, and the platform's own part needs the rest.
_BUCKET_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?")


def check_data(found: Findings, data: pb.DataSpec, at: str) -> None:
    """Check `data`."""
    _postgres(found, data.postgres, f"{at}.postgres")
    _redis(found, data.redis, f"{at}.redis")
    _object_store(found, data.object_store, f"{at}.object_store")


def _postgres(found: Findings, postgres: pb.PostgresSpec, at: str) -> None:
    found.enum(f"{at}.size", postgres.size, pb.Size)
    if postgres.HasField("instance_class"):
        rule = 'an RDS instance class such as "db.r7g.xlarge"'
        found.match(f"{at}.instance_class", postgres.instance_class, _DATABASE_CLASS, rule)
    if postgres.HasField("version") and postgres.version not in _POSTGRES_VERSIONS:
        found.invalid(f"{at}.version", f"Must be a major version: one of {listed(_POSTGRES_VERSIONS)}.")
    if postgres.HasField("backup_retention_days"):
        found.within(f"{at}.backup_retention_days", postgres.backup_retention_days, 0, 35)
    storage = storage_gb(postgres)
    if postgres.HasField("storage_gb"):
        found.within(f"{at}.storage_gb", storage, *_STORAGE_GB)
    if postgres.HasField("max_storage_gb"):
        most, place = postgres.max_storage_gb, f"{at}.max_storage_gb"
        # RDS refuses a limit that is nearer.
        if found.within(place, most, *_STORAGE_GB) and most * 10 < storage * 11:
            found.invalid(place, f"Is {most}: must be at least a tenth above storage_gb, which is {storage}.")
    daily, weekly = ("backup_window", postgres.backup_window), ("maintenance_window", postgres.maintenance_window)
    _said(found, postgres, at, daily, weekly)
    check_windows(found, at, daily, weekly, least=30)


def _redis(found: Findings, redis: pb.RedisSpec, at: str) -> None:
    found.enum(f"{at}.size", redis.size, pb.Size)
    if redis.HasField("num_replicas"):
        found.within(f"{at}.num_replicas", redis.num_replicas, 0, 5)
        if redis.num_replicas == 0 and (redis.ha or not redis.HasField("ha")):
            found.invalid(f"{at}.num_replicas", "Is 0, but ha needs a replica: give at least 1, or set ha to false.")
    if found.enum(f"{at}.engine", redis.engine, pb.CacheEngine) and redis.HasField("version"):
        engine = redis.engine or pb.CACHE_ENGINE_VALKEY
        if redis.version not in _CACHE_VERSIONS[engine]:
            known, name = listed(_CACHE_VERSIONS[engine]), pb.CacheEngine.Name(engine)
            found.invalid(f"{at}.version", f"Must be a version of {name}: one of {known}.")
    if redis.HasField("node_type"):
        found.match(f"{at}.node_type", redis.node_type, _CACHE_TYPE, 'an ElastiCache type such as "cache.r7g.large"')
    if redis.HasField("snapshot_retention_days"):
        found.within(f"{at}.snapshot_retention_days", redis.snapshot_retention_days, 0, 35)
    daily, weekly = ("snapshot_window", redis.snapshot_window), ("maintenance_window", redis.maintenance_window)
    _said(found, redis, at, daily, weekly)
    check_windows(found, at, daily, weekly, least=60)


def _said(found: Findings, store: pb.PostgresSpec | pb.RedisSpec, at: str, *windows: tuple[str, str]) -> None:
    for field, text in windows:
        if not text and store.HasField(field):
            found.invalid(f"{at}.{field}", "Is empty: leave it out for AWS's choice.")


def _object_store(found: Findings, store: pb.ObjectStoreSpec, at: str) -> None:
    if store.HasField("bucket_prefix"):
        rule = "1 to 30 lower-case letters, digits and hyphens that start and end with a letter or digit"
        found.match(f"{at}.bucket_prefix", store.bucket_prefix, _BUCKET_PREFIX, rule)
    if store.HasField("lifecycle_days"):
        found.within(f"{at}.lifecycle_days", store.lifecycle_days, 1, 3650)
    found.enum(f"{at}.workspace_buckets", store.workspace_buckets, pb.WorkspaceBuckets)
