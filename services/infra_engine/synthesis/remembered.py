"""Synthesis without a child for a shape that was synthesized before."""

import json
from collections import OrderedDict
from dataclasses import replace

from services.infra_engine.stacks.definition import StackRegistry
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis.port import Synthesized, Synthesizer

# A stack of sixty resources is some 40 kB of JSON, and there are few shapes.
_KEPT = 64


class RememberingSynthesizer:
    """Asks `behind` once for each shape of each stack; the code is a pure function of these two.

    Most environments differ in their variables alone, so that a plan of one rarely needs Node's 200 MB. Failures are
    not remembered. The memory ends with the process, as the code that it was made by does.
    """

    def __init__(self, behind: Synthesizer, registry: StackRegistry, *, kept: int = _KEPT) -> None:
        self._behind = behind
        self._registry = registry
        self._kept = kept
        self._by_shape: OrderedDict[tuple[str, str], Synthesized] = OrderedDict()

    async def synthesize(self, stack_input: StackInput) -> Synthesized:
        definition = self._registry.get(stack_input.stack)
        key = (definition.name, json.dumps(dict(definition.shape(stack_input)), sort_keys=True))
        if found := self._by_shape.get(key):
            self._by_shape.move_to_end(key)
            return replace(found, variables=definition.variables(stack_input))
        made = await self._behind.synthesize(stack_input)
        self._by_shape[key] = made
        if len(self._by_shape) > self._kept:
            self._by_shape.popitem(last=False)
        return made
