"""The checks, each `(asked, facts) -> findings`, in the order in which a person would read what they find."""

from collections.abc import Callable, Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.checks import (
    access,
    cache,
    cluster,
    counts,
    database,
    instances,
    kubernetes,
    names,
    network,
    quotas,
    region,
    reservations,
    unread,
)
from services.infra_engine.preflight.facts import Facts
from services.infra_engine.preflight.findings import Finding

Check = Callable[[Asked, Facts], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    region.check,
    access.check,
    instances.check,
    database.check,
    cache.check,
    reservations.check,
    quotas.check,
    counts.check,
    network.check,
    kubernetes.check,
    cluster.check,
    names.check,
    unread.check,
)


def findings(asked: Asked, facts: Facts) -> list[Finding]:
    """What all checks find."""
    return [*asked.unusable, *(one for check in CHECKS for one in check(asked, facts))]
