"""What the contract allows and this release does not build: it is refused by name."""

from provisioning.environment.v1 import environment_spec_pb2 as spec

PROVIDERS = frozenset({spec.PROVIDER_AWS})
PARTITION_PREFIXES_REFUSED = ("cn-", "us-gov-", "us-iso", "eu-isoe-")
"""Regions of partitions other than `aws`, where ARNs and endpoints are different."""
