"""The one table of what this release builds; what the contract has and is not here is refused by name.

Widening it is taking a line away, once the engine and the bootstrapper build it.
"""

from provisioning.environment.v1 import environment_spec_pb2 as spec

PROVIDERS = frozenset({spec.PROVIDER_AWS})
PARTITION_PREFIXES_REFUSED = ("cn-", "us-gov-", "us-iso", "eu-isoe-")
"""Regions of partitions other than `aws`, where ARNs and endpoints are different."""
NOT_BUILT = ("data.object_store.workspace_buckets",)
"""Fields of the contract, with all below them, that nothing is built from yet."""
