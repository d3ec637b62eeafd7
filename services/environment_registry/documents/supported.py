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
