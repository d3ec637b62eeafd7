"""A shape that was synthesized before needs no child."""

from dataclasses import replace

import pytest

from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import ChildSynthesizer, RememberingSynthesizer, SynthesisFailed, Synthesized
from tests.integration.infra_engine.inputs import SMALL, registry

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Counting:
    """A synthesizer that writes down what it is asked."""

    def __init__(self, behind: ChildSynthesizer) -> None:
        self.behind = behind
        self.asked: list[str] = []

    async def synthesize(self, stack_input: StackInput) -> Synthesized:
        self.asked.append(stack_input.stack)
        return await self.behind.synthesize(stack_input)


async def test_one_shape_is_asked_for_once_and_differs_in_its_variables_alone(synthesizer: ChildSynthesizer) -> None:
    counting = Counting(synthesizer)
    remembering = RememberingSynthesizer(counting, registry())
    other = replace(SMALL, environment="other", uid="0b0f4a9e-0000-4000-8000-000000000002")
    assert await remembering.synthesize(SMALL) == await synthesizer.synthesize(SMALL)
    assert await remembering.synthesize(other) == await synthesizer.synthesize(other)
    assert counting.asked == ["beta9"]


async def test_stacks_are_kept_apart_and_the_oldest_is_forgotten(synthesizer: ChildSynthesizer) -> None:
    counting = Counting(synthesizer)
    remembering = RememberingSynthesizer(counting, registry(), kept=1)
    for stack in ("minimal", "cluster", "minimal"):
        got = await remembering.synthesize(replace(SMALL, stack=stack))
        assert got.stack_version.startswith(f"{stack}-")
    assert counting.asked == ["minimal", "cluster", "minimal"]


async def test_a_failure_is_not_remembered(synthesizer: ChildSynthesizer) -> None:
    counting = Counting(synthesizer)
    remembering = RememberingSynthesizer(counting, registry())
    for _ in range(2):
        with pytest.raises(SynthesisFailed):
            await remembering.synthesize(replace(SMALL, stack="broken"))
    assert counting.asked == ["broken", "broken"]
