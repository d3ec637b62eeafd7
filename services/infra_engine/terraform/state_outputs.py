"""Reads outputs from the resources of a state, before Terraform has written the outputs themselves.

An output is one plain reference (`aws_vpc.vpc.id`, `var.region`, `data.aws_subnets.public.ids`,
`aws_eks_cluster.cluster.identity[0].oidc[0].issuer`), or a list of them.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from services.infra_engine.terraform.state_file import StateSnapshot

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_.\[\]-]+)\}")
_PREFIXES = {"managed": "", "data": "data."}
_STEP = re.compile(r"\.?([A-Za-z0-9_-]+)|\[([0-9]+)\]")


class _NotThere(Exception):
    pass


class OutputReader:
    """The outputs of one synthesized stack."""

    def __init__(self, main_tf_json: bytes, variables: Mapping[str, object]) -> None:
        self._variables = variables
        self._references: dict[str, str | list[str]] = {}
        for name, output in json.loads(main_tf_json).get("output", {}).items():
            if (found := _reference(output.get("value"))) is not None:
                self._references[name] = found

    def read(self, snapshot: StateSnapshot) -> dict[str, object]:
        """The outputs whose resources are in the state, healthy and with a value."""
        resources = _attributes(snapshot.document())
        found: dict[str, object] = {}
        for name, reference in self._references.items():
            try:
                value: object = (
                    [self._value(one, resources) for one in reference]
                    if isinstance(reference, list)
                    else self._value(reference, resources)
                )
            except _NotThere:
                continue
            if value is not None:
                found[name] = value
        return found

    def _value(self, reference: str, resources: Mapping[str, Mapping[str, Any]]) -> object:
        steps: list[str | int] = [
            int(step[2]) if step[2] is not None else step[1] for step in _STEP.finditer(reference)
        ]
        if steps[0] == "var":
            return _walk(self._variables, steps[1:])
        of = 3 if steps[0] == "data" else 2
        return _walk(resources.get(".".join(str(step) for step in steps[:of])), steps[of:])


def _reference(value: object) -> str | list[str] | None:
    """What an output's value refers to; None if it is anything but references."""
    if not isinstance(value, list):
        found = _REFERENCE.fullmatch(str(value))
        return found[1] if found else None
    several = [_REFERENCE.fullmatch(str(one)) for one in value]
    return [one[1] for one in several if one] if all(several) else None


def _walk(value: object, steps: list[str | int]) -> object:
    for step in steps:
        value = _item(value, step) if isinstance(step, int) else _attribute(value, step)
    return value


def _item(value: object, index: int) -> object:
    if not isinstance(value, list) or index >= len(value):
        raise _NotThere
    return value[index]


def _attribute(value: object, name: str) -> object:
    if not isinstance(value, Mapping) or name not in value:
        raise _NotThere
    return value[name]


def _attributes(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Attributes by address of what is managed or read, single and not tainted."""
    return {
        f"{_PREFIXES[one['mode']]}{one['type']}.{one['name']}": one["instances"][0]["attributes"]
        for one in document.get("resources", [])
        if one.get("mode") in _PREFIXES
        and len(one.get("instances", [])) == 1
        and one["instances"][0].get("status") != "tainted"
    }
