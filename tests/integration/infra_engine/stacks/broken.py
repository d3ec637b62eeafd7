"""Stacks that go wrong in synthesis, each in its own way."""

import os
from typing import Any

from services.infra_engine.stacks.definition import Shape, StackDefinition
from services.infra_engine.stacks.stack_input import StackInput


def raise_error(stack: Any, shape: Shape) -> None:
    raise KeyError("no such construct")


def read_a_file(stack: Any, shape: Shape) -> None:
    stack.add_override("output", {"host": {"value": '${file("/etc/hostname")}'}})


def die(stack: Any, shape: Shape) -> None:
    os._exit(3)


def _definition(name: str, build: str) -> StackDefinition:
    def nothing(stack_input: StackInput) -> dict[str, Any]:
        return {}

    return StackDefinition(
        name=name,
        build=f"{__name__}:{build}",
        shape=nothing,
        variables=nothing,
        resource_types=frozenset(),
        data_types=frozenset(),
        milestones=lambda shape: (),
    )


BROKEN = _definition("broken", "raise_error")
FORBIDDEN = _definition("forbidden", "read_a_file")
MORTAL = _definition("mortal", "die")
