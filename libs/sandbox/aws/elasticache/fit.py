"""What a replication group's parts must be to go together."""

from __future__ import annotations

from typing import Any

from libs.sandbox.aws.elasticache import engines, parameter_groups
from libs.sandbox.aws.elasticache.failures import combination, invalid
from libs.sandbox.aws.elasticache.models import ElastiCacheBackend
from libs.sandbox.aws.failures import AwsFailure


def check_family(backend: ElastiCacheBackend, parameters: str, engine: str, version: str) -> None:
    """Refuse a parameter group of another family than the engine's."""
    family = parameter_groups.find(backend, parameters).view["CacheParameterGroupFamily"]
    expected = engines.family(engine, version)
    if family != expected:
        raise combination(f"Expected a parameter group of family {expected} but found one of family {family}")


def check_token(token: str) -> None:
    """Refuse a token that ElastiCache does not take."""
    if not 16 <= len(token) <= 128 or any(character in '@"/ ' for character in token):
        raise invalid('Invalid AuthToken provided: it must have 16 to 128 characters without @, ", / and space.')


def check_node_type(node_type: str) -> None:
    """Refuse a node type that ElastiCache does not sell."""
    if node_type not in NODE_TYPES:
        raise invalid(f"The parameter CacheNodeType is not valid: {node_type}.")


def key_arn(backend: ElastiCacheBackend, key: str) -> str:
    """ARN of a KMS key by id, ARN or alias; refused when the account has no such key in the region."""
    from moto.kms.models import kms_backends

    kms: Any = kms_backends[backend.account_id][backend.region_name]
    try:
        found = kms.describe_key(key if key.startswith("alias/") else key.rsplit("/", 1)[-1])
    except Exception as error:
        raise AwsFailure("InvalidKMSKeyFault", f"The KMS key {key} does not exist or cannot be used.") from error
    if found.key_state != "Enabled":
        raise AwsFailure("InvalidKMSKeyFault", f"The KMS key {key} is {found.key_state}.")
    arn: str = found.arn
    return arn


_BURSTABLE = ("micro", "small", "medium")
_FIXED = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
_SIZES = {
    **dict.fromkeys(("t2", "t3", "t4g"), _BURSTABLE),
    **dict.fromkeys(("m4", "m5", "m6g", "m7g", "r4", "r5", "r6g", "r7g", "r6gd", "c7gn"), _FIXED),
}
NODE_TYPES = tuple(f"cache.{family}.{size}" for family, sizes in _SIZES.items() for size in sizes)
"""Node types that are sold, in every region."""
