"""Whether ElastiCache sells the cache's node type."""

from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.facts import Facts
from services.infra_engine.preflight.findings import Finding


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """CACHE_TYPE_NOT_OFFERED. It stops nothing: AWS says which types it reserves, which is all but which it sells."""
    if facts.cache_type is False:
        field = "data.redis.node_type" if asked.stack_input.redis.node_type else "data.redis.size"
        yield Finding(
            "CACHE_TYPE_NOT_OFFERED",
            field,
            f"ElastiCache offers no reservations of {asked.cache_type} in {asked.stack_input.account.region}, so that"
            " it hardly sells the type there.",
            "Set data.redis.node_type to one that it offers there, such as cache.t4g.small or cache.r7g.large.",
            blocking=False,
        )
