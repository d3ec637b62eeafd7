"""What a replication group's parts must be to go together."""

from __future__ import annotations

from libs.sandbox.aws.elasticache import engines, parameter_groups
from libs.sandbox.aws.elasticache.failures import combination, invalid
from libs.sandbox.aws.elasticache.models import ElastiCacheBackend


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
