"""What two versions of a state tell differently, without their secrets."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from services.state_backend_manager.redaction import REDACTED, redact

_MARK = re.compile(r"\(redacted\)#[0-9a-f]{16}")


class ChangeKind(Enum):
    """What became of an address; the names are those of the proto enum without its prefix."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True)
class StateChange:
    """One address that differs; `attributes` are path, value before and value after as JSON, for CHANGED alone."""

    address: str
    kind: ChangeKind
    attributes: tuple[tuple[str, str, str], ...] = ()


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[StateChange]:
    """What differs, ordered by address. Of a secret is told that it changed, and neither value."""
    # The key makes a mark that tells equal from different and, outside this call, nothing.
    key = secrets.token_bytes(32)

    def mark(value: object) -> str:
        digest = hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), key=key, digest_size=8)
        return f"{REDACTED}#{digest.hexdigest()}"

    old, new = addresses(redact(before, mark)), addresses(redact(after, mark))
    changes = []
    for address in sorted(old.keys() | new.keys()):
        if address not in old:
            changes.append(StateChange(address, ChangeKind.ADDED))
        elif address not in new:
            changes.append(StateChange(address, ChangeKind.REMOVED))
        elif old[address] != new[address]:
            changes.append(StateChange(address, ChangeKind.CHANGED, _attributes(old[address], new[address])))
    return changes


def addresses(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a state holds, by address: managed resource instances and outputs. Data is read anew by every run."""
    found: dict[str, dict[str, Any]] = {}
    for resource in document.get("resources", []):
        if resource.get("mode") != "managed":
            continue
        module = f"{resource['module']}." if resource.get("module") else ""
        for instance in resource.get("instances", []):
            address = f"{module}{resource['type']}.{resource['name']}{_index(instance)}"
            status = {"(status)": instance["status"]} if instance.get("status") else {}
            found[address] = {**(instance.get("attributes") or {}), **status}
    for name, output in document.get("outputs", {}).items():
        found[f"output.{name}"] = {"value": output.get("value")}
    return found


def _index(instance: Mapping[str, Any]) -> str:
    index = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
    return f"{index} (deposed {instance['deposed']})" if instance.get("deposed") else index


def _attributes(old: object, new: object) -> tuple[tuple[str, str, str], ...]:
    before, after = dict(_leaves(old)), dict(_leaves(new))
    paths = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return tuple((path, _shown(before.get(path, "")), _shown(after.get(path, ""))) for path in paths)


def _leaves(node: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from _leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list) and node:
        for number, value in enumerate(node):
            yield from _leaves(value, f"{path}[{number}]")
    else:
        yield path, json.dumps(node)


def _shown(value: str) -> str:
    return _MARK.sub(REDACTED, value)
