"""Versions of what AWS runs for us, where the document does not say."""

import re

from services.infra_engine.stacks.stack_input import Redis

# The newest minor that the sandbox's own control plane and the pinned charts are tested with. Standard support ends
# 2027-03-27; 1.36 is offered too (until 2027-08-02) and is the next default once that pair is tested.
KUBERNETES = "1.35"

# Redis OSS ends at 7.1 on ElastiCache; Valkey goes on and speaks the same protocol.
_CACHES = {"valkey": "8.0", "redis": "7.1"}


_MINOR = re.compile(r"1\.([0-9]{1,3})")


def minor(kubernetes: str) -> int | None:
    """The number by which Kubernetes versions follow each other: 35 of 1.35; None of what is no version."""
    found = _MINOR.fullmatch(kubernetes)
    return None if found is None else int(found[1])


def newer(one: str, other: str) -> bool:
    """Whether a Kubernetes version is newer than another one."""
    ahead, behind = minor(one), minor(other)
    return ahead is not None and behind is not None and ahead > behind


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
