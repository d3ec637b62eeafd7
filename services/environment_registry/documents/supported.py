"""The one table of what this release builds; a value of the contract that is not here is refused by name.

Widening it is adding a value here, once the engine and the bootstrapper build it.
"""

from provisioning.environment.v1 import environment_spec_pb2 as spec

PROVIDERS = frozenset({spec.PROVIDER_AWS})
PROFILES = frozenset({spec.PROFILE_SMALL})
POSTGRES_SIZES = frozenset({spec.SIZE_SMALL})
REDIS_SIZES = frozenset({spec.SIZE_SMALL})
EXISTING_CLUSTERS = False
NODE_TAINTS = False
GPU_WORKERS = False
PARTITION_PREFIXES_REFUSED = ("cn-", "us-gov-", "us-iso", "eu-isoe-")
"""Regions of partitions other than `aws`, where ARNs and endpoints are different."""
NOT_BUILT = (
    "deletion_protection",
    "network",
    "cloud.tags",
    "cloud.permissions_boundary_arn",
    "cloud.kms_key_arn",
    "cluster.version",
    "cluster.support",
    "cluster.endpoint_access",
    "cluster.public_access_cidrs",
    "cluster.system_nodes",
    "cluster.node_groups",
    "data.postgres.instance_class",
    "data.postgres.version",
    "data.postgres.max_storage_gb",
    "data.postgres.backup_window",
    "data.postgres.maintenance_window",
    "data.postgres.final_snapshot",
    "data.redis.engine",
    "data.redis.version",
    "data.redis.node_type",
    "data.redis.snapshot_retention_days",
    "data.redis.snapshot_window",
    "data.redis.maintenance_window",
    "data.object_store.workspace_buckets",
    "beta9.workers.gpu_count",
    "beta9.workers.capacity_type",
    "beta9.workers.capacity_reservation_id",
)
"""Fields of the contract, with all below them, that nothing is built from yet."""
