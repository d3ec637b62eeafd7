"""What may be believed of a state file. Terraform truncates it in place, so a reader can see it empty or torn."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


@dataclass(frozen=True)
class StateSnapshot:
    """A whole state. `serial` rises with every change within one `lineage`."""

    lineage: str
    serial: int
    raw: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    def mark(self) -> list[object]:
        """What tells it from every other state, in what JSON can say."""
        return [self.lineage, self.serial]

    def document(self) -> dict[str, Any]:
        """The state as parsed JSON."""
        document: dict[str, Any] = json.loads(self.raw)
        return document

    def outputs(self) -> dict[str, object]:
        """The outputs that are no secrets, by name."""
        outputs = self.document().get("outputs", {})
        return {name: one["value"] for name, one in outputs.items() if not one.get("sensitive", False)}

    def addresses(self) -> frozenset[str]:
        """Addresses of the managed resources that it holds."""
        return frozenset(
            f"{one['type']}.{one['name']}"
            for one in self.document().get("resources", [])
            if one.get("mode") == "managed" and one.get("instances")
        )


def with_attributes(snapshot: StateSnapshot, address: str, values: Mapping[str, object]) -> StateSnapshot:
    """The next state, in which the resource at an address has these attributes."""
    document = snapshot.document()
    document["serial"] = snapshot.serial + 1
    for one in document["resources"]:
        if one["mode"] == "managed" and f"{one['type']}.{one['name']}" == address:
            for instance in one["instances"]:
                instance["attributes"].update(values)
    return StateSnapshot(snapshot.lineage, snapshot.serial + 1, json.dumps(document, indent=2).encode())


def parse_state(raw: bytes) -> StateSnapshot | None:
    """None for what is empty, torn, or not a state of version 4."""
    try:
        document = json.loads(raw)
        if document["version"] != 4 or not isinstance(document["resources"], list):
            return None
        lineage, serial = document["lineage"], document["serial"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(lineage, str) or not lineage or not isinstance(serial, int) or serial < 0:
        return None
    return StateSnapshot(lineage, serial, raw)


def empty_state() -> StateSnapshot:
    """The state of an environment that has nothing yet, of a lineage of its own."""
    lineage = str(uuid.uuid4())
    document = {"version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": lineage}
    raw = json.dumps({**document, "outputs": {}, "resources": [], "check_results": None}, indent=2)
    return StateSnapshot(lineage, 1, raw.encode())


class StartFrom(Enum):
    """Which state a run starts with."""

    NOTHING = "NOTHING"
    """There has never been one."""
    LOCAL = "LOCAL"
    SHIPPED = "SHIPPED"
    """The shipped one is written over the local file first."""


class StateUnusable(Exception):
    """No run may start: what is there cannot be trusted, and starting empty would make everything a second time."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def choose_state(local: bytes | None, shipped: bytes | None) -> StartFrom:
    """Decides between the file in the work folder and the newest shipped version (None: there is none).

    A local state is used only if it is whole, of the shipped one's lineage and newer; equal ones are the same and the
    shipped one, which is on record, is taken. Raises `StateUnusable`.
    """
    ours = parse_state(local) if local is not None else None
    if shipped is None:
        if ours is not None:
            return StartFrom.LOCAL
        if local is None:
            return StartFrom.NOTHING
        raise StateUnusable(
            "STATE_TORN",
            "The local state is torn and none was ever shipped: look for resources by their EnvironmentId tag,"
            " then remove the file.",
        )
    theirs = parse_state(shipped)
    if theirs is None:
        raise StateUnusable("STATE_UNREADABLE", "The shipped state is not whole: roll back to an earlier version.")
    if ours is None:
        return StartFrom.SHIPPED
    if ours.lineage != theirs.lineage:
        raise StateUnusable(
            "STATE_LINEAGE_DIFFERS",
            f"The local state is of lineage {ours.lineage} and the shipped one of {theirs.lineage}: an operator must"
            " decide which one describes the environment.",
        )
    return StartFrom.LOCAL if ours.serial > theirs.serial else StartFrom.SHIPPED
