"""A service quota of things that are counted, and what is said where it is too low."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.findings import Finding


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota of things of one kind: `what` they are and `where` they count, as a sentence has it."""

    reason: str
    field: str
    service: str
    code: str
    what: str
    where: str = "the account"


def exceeded(limit: Limit, number: int, quotas: Mapping[str, float], asked: Asked) -> Iterator[Finding]:
    """The finding that `number` of them is more than AWS allows; nothing where it is not, or the quota is not known."""
    allowed = quotas.get(limit.code)
    if allowed is not None and number > allowed:
        yield Finding(
            limit.reason,
            limit.field,
            f"{limit.where.capitalize()} would have {number} {limit.what} with this environment's, and the quota is"
            f" {allowed:g}.",
            ask_for(limit.service, limit.code, number, asked, limit.what),
            number=number,
            limit=allowed,
        )


def ask_for(service: str, code: str, number: int, asked: Asked, name: str) -> str:
    """What to ask AWS for."""
    region = asked.stack_input.account.region
    return f"Ask AWS to raise the quota {code} of {service} ({name}) in {region} to at least {number}."
