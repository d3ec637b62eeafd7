"""Versions of what AWS runs for us, where the document does not say."""

from services.infra_engine.stacks.stack_input import Redis

# The newest minor that the sandbox's own control plane and the pinned charts are tested with. Standard support ends
# 2027-03-27; 1.36 is offered too (until 2027-08-02) and is the next default once that pair is tested.
KUBERNETES = "1.35"

# Redis OSS ends at 7.1 on ElastiCache; Valkey goes on and speaks the same protocol.
_CACHES = {"valkey": "8.0", "redis": "7.1"}


def postgres_family(version: str) -> str:
    """The parameter group family of a major version.

    A major alone is given to RDS too: it picks its newest minor and upgrades that by itself, which is no drift then.
    """
    return f"postgres{version.partition('.')[0]}"


def cache_version(redis: Redis) -> str:
    return redis.version or _CACHES[redis.engine]


def cache_family(redis: Redis) -> str:
    """The parameter group family: one a major version, and from before Valkey's first one `redis7`."""
    return f"{redis.engine}{cache_version(redis).partition('.')[0]}"
