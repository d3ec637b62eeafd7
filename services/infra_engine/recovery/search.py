"""Looks in AWS for what a stack has and its state lacks, and for what its state holds as tainted."""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from libs.aws_access.errors import aws_failure
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.kinds import Findable, Found, Wanted
from services.infra_engine.recovery.references import References, Unresolved
from services.infra_engine.recovery.table import KINDS

# Types that are looked for at once; one type's resources are looked for one after the other, since they share a list.
_THREADS = 8


@dataclass(frozen=True, slots=True)
class Held:
    """What a state has. `tainted` are addresses whose resource Terraform would replace, with the resource's id."""

    current: frozenset[str]
    tainted: Mapping[str, str]
    claimed: Mapping[str, frozenset[str]]
    """Ids by type: no address may be given what is another's already."""
    attributes: Mapping[str, Mapping[str, Any]] = field(repr=False)


def held(document: Mapping[str, Any]) -> Held:
    """Reads a state's JSON. What waits to be deleted (deposed) is held, but is not its address's."""
    current, tainted, attributes = set(), {}, {}
    claimed: dict[str, set[str]] = {}
    for one in document.get("resources", []):
        data = one.get("mode") == "data"
        address = f"{'data.' if data else ''}{one['type']}.{one['name']}"
        for instance in one.get("instances", []):
            values = instance.get("attributes") or {}
            if not data:
                claimed.setdefault(one["type"], set()).add(str(values.get("id")))
            if "deposed" in instance:
                continue
            attributes[address] = values
            if not data:
                current.add(address)
                if instance.get("status") == "tainted":
                    tainted[address] = str(values.get("id"))
    ids = {kind: frozenset(one) for kind, one in claimed.items()}
    return Held(frozenset(current), tainted, ids, attributes)


class Search:
    """One look for everything. Blocking."""

    def __init__(
        self, main_tf_json: bytes, variables: Mapping[str, object], state: Mapping[str, Any], account: Account
    ) -> None:
        self._account = account
        self._held = held(state)
        main = json.loads(main_tf_json)
        self._arguments: dict[str, Mapping[str, Any]] = {
            f"{kind}.{name}": arguments
            for kind, of in main.get("resource", {}).items()
            for name, arguments in of.items()
        }
        self._references = References(variables, main.get("locals", {}), self._held.attributes)
        self.not_looked_for = sorted({_type(one) for one in self._arguments} - KINDS.keys())

    def run(self, which: Callable[[str], bool] = lambda address: True) -> dict[str, Found]:
        """What is there of what is missing or tainted, by address, of the addresses that meet `which`. Raises Failure.

        A resource that is found may tell where others are, so that it goes on until nothing more is found.
        """
        left = {
            address
            for address in self._arguments
            if which(address)
            and (address not in self._held.current or address in self._held.tainted)
            and isinstance(KINDS.get(_type(address)), Findable)
        }
        for address in left:
            self._references.attributes.pop(address, None)
        found: dict[str, Found] = {}
        with ThreadPoolExecutor(_THREADS) as pool:
            while batches := self._ready(left):
                left -= {wanted.address for batch in batches for wanted in batch}
                for new in pool.map(lambda batch: self._look(batch, found), batches):
                    found.update(new)
                    self._references.attributes.update({one: what.attributes for one, what in new.items()})
        return found

    def tainted(self) -> Mapping[str, str]:
        """The ids of what the state has as tainted, by address."""
        return self._held.tainted

    def _ready(self, left: Iterable[str]) -> list[list[Wanted]]:
        """What can be looked for by now, by type."""
        batches: dict[str, list[Wanted]] = {}
        for address in sorted(left):
            if (wanted := self._wanted(address)) is not None:
                batches.setdefault(_type(address), []).append(wanted)
        return list(batches.values())

    def _wanted(self, address: str) -> Wanted | None:
        kind = KINDS[_type(address)]
        assert isinstance(kind, Findable)
        known: dict[str, Any] = {}
        for name, value in self._arguments[address].items():
            try:
                known[name] = self._references.resolve(value)
            except Unresolved:
                if name in kind.needs:
                    return None
        return Wanted(address, known) if all(name in known for name in kind.needs) else None

    def _look(self, batch: list[Wanted], before: Mapping[str, Found]) -> dict[str, Found]:
        kind = _type(batch[0].address)
        findable = KINDS[kind]
        assert isinstance(findable, Findable)
        taken = set(self._held.claimed.get(kind, ())) | {
            one.id for address, one in before.items() if _type(address) == kind
        }
        new: dict[str, Found] = {}
        for wanted in batch:
            own = self._held.tainted.get(wanted.address)
            claimed = frozenset(taken - {own})
            try:
                one = findable.find(self._account, Wanted(wanted.address, wanted.arguments, claimed))
            except Exception as error:
                raise aws_failure(error, self._account.access, f"look for {wanted.address}", wanted.address) from error
            # By its name it would be found though another address has it: deleted there, it would be gone here.
            if one is not None and one.id not in claimed:
                new[wanted.address] = one
                taken.add(one.id)
        return new


def _type(address: str) -> str:
    return address.partition(".")[0]
