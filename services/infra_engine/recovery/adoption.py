"""`Adoption`: what one run takes over, and in what form Terraform is told."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.infra_engine.recovery.kinds import Found, Health
from services.infra_engine.recovery.table import defaults_of, failed_attributes_of


@dataclass(frozen=True, slots=True)
class Adoption:
    """`imports` are import ids by address; `replace` are those of them that failed while they were made.

    `untaint` are addresses that the state holds as tainted though they are healthy; `failed` those that are tainted
    rightly, and whose delete needs other attributes than their making; `pending` is what is not settled yet; `mends`
    what is to be done to some of them first.
    """

    imports: Mapping[str, str] = field(default_factory=dict)
    replace: frozenset[str] = frozenset()
    untaint: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    mends: Mapping[str, Callable[[], None]] = field(default_factory=dict)

    def import_blocks(self) -> bytes:
        """What is healthy, as import blocks in JSON. Terraform takes ids as templates: nothing in them is code."""
        blocks = [
            {"to": address, "id": _literal(identifier)}
            for address, identifier in sorted(self.imports.items())
            if address not in self.replace and not defaults_of(address)
        ]
        return json.dumps({"import": blocks}, indent=2).encode()


def adoption_of(found: Mapping[str, Found], tainted: Mapping[str, str]) -> Adoption:
    """What becomes of what was found.

    A tainted resource is untainted if it is the one that was found, and healthy; else it stays tainted, and is
    replaced.
    """
    new = {address: one for address, one in found.items() if address not in tainted}

    def same(health: Health) -> list[str]:
        return sorted(
            address
            for address, identifier in tainted.items()
            if (one := found.get(address)) is not None
            and one.health is health
            and identifier in (one.id, one.import_id)
        )

    return Adoption(
        imports={address: one.import_id for address, one in new.items()},
        replace=frozenset(address for address, one in new.items() if one.health is Health.FAILED),
        untaint=tuple(same(Health.HEALTHY)),
        failed=tuple(address for address in same(Health.FAILED) if failed_attributes_of(address)),
        pending=tuple(sorted(address for address, one in found.items() if one.health is Health.PENDING)),
        mends={address: one.mend for address, one in found.items() if one.mend is not None},
    )


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")
