"""What the engine knows of a stack without building it."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.infra_engine.stacks.stack_input import StackInput

Shape = Mapping[str, object]
"""Which optional parts are built, in what JSON can say.

Two environments of equal shape have the same main.tf.json, byte for byte.
"""


@dataclass(frozen=True)
class Milestone:
    """A point of an apply that others wait for: reached once all of `addresses` are there."""

    name: str
    addresses: frozenset[str]
    outputs: frozenset[str]
    """Names of the outputs that can be read from the state by then."""


@dataclass(frozen=True)
class StackDefinition:
    """A stack by name.

    `build` names a function as `module:function`, taking a cdktf stack and the shape; it runs in the synthesis child
    alone, so that nobody else loads cdktf. `variables` gives the content of terraform.tfvars.json. `secrets` are the
    ephemeral variables that each plan and apply must be given beside it. `milestones` depends on the shape, as the
    resources do.
    """

    name: str
    build: str
    shape: Callable[[StackInput], Shape]
    variables: Callable[[StackInput], dict[str, object]]
    resource_types: frozenset[str]
    data_types: frozenset[str]
    milestones: Callable[[Shape], tuple[Milestone, ...]]
    secrets: frozenset[str] = frozenset()


class UnknownStack(Exception):
    """No stack of this name is registered."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"There is no stack {name!r}; this engine has {', '.join(known)}.")
        self.name = name


BUILT_IN: Mapping[str, str] = {"beta9": "services.infra_engine.stacks.aws.definition:BETA9"}


class StackRegistry:
    """Stacks by name; each is named as `module:attribute` in the settings and loaded when it is first asked for."""

    def __init__(self, stacks: Mapping[str, str] = BUILT_IN) -> None:
        self._references = dict(stacks)
        self._loaded: dict[str, StackDefinition] = {}

    def get(self, name: str) -> StackDefinition:
        """Raises `UnknownStack`."""
        if name not in self._loaded:
            reference = self._references.get(name)
            if reference is None:
                raise UnknownStack(name, sorted(self._references))
            module, _, attribute = reference.partition(":")
            definition = getattr(importlib.import_module(module), attribute)
            if not isinstance(definition, StackDefinition):
                raise TypeError(f"{reference} is not a StackDefinition")
            self._loaded[name] = definition
        return self._loaded[name]
