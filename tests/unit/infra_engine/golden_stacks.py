"""The golden stacks as graphs: what refers to what."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
_ADDRESS = re.compile(r"(?<![\w.])((?:data\.)?aws_\w+\.\w+)")
_LOCAL = re.compile(r"\blocal\.(\w+)")


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


@dataclass(frozen=True)
class Graph:
    """A synthesized stack."""

    stack: dict[str, Any]

    @cached_property
    def resources(self) -> dict[str, Any]:
        """Managed ones by address."""
        return {
            f"{kind}.{name}": body for kind, named in self.stack["resource"].items() for name, body in named.items()
        }

    @cached_property
    def data(self) -> dict[str, Any]:
        return {
            f"data.{kind}.{name}": body
            for kind, named in self.stack.get("data", {}).items()
            for name, body in named.items()
        }

    def of(self, kind: str) -> dict[str, Any]:
        """The resources of a type by label."""
        found: dict[str, Any] = self.stack["resource"].get(kind, {})
        return found

    def refers_to(self, value: object) -> set[str]:
        """The addresses that a value uses, through local values too."""
        text = " ".join(strings(value))
        text += " ".join(str(self.stack["locals"][name]) for name in _LOCAL.findall(text))
        return {one for one in _ADDRESS.findall(text) if one in self.resources or one in self.data}

    def waits_for(self, address: str) -> set[str]:
        """Everything that must be there before it is begun."""
        found: set[str] = set()
        ahead = self.refers_to({**self.resources, **self.data}[address])
        while ahead:
            one = ahead.pop()
            if one not in found:
                found.add(one)
                ahead |= self.refers_to({**self.resources, **self.data}[one])
        return found


def golden(name: str) -> Graph:
    return Graph(json.loads((GOLDEN / f"beta9-{name}.tf.json").read_text()))


def golden_variables(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"beta9-{name}.tfvars.json").read_text())
    return found
