"""The sweep: whatever was lost is asked again, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from provisioning.environment.v1 import environment_pb2, hand_over_pb2

from services.environment_registry.hand_overs import SERVICE_OF
from services.environment_registry.sweep import Sweep
from tests.integration.environment_registry.conftest import Running

pytestmark = pytest.mark.integration


async def test_a_request_that_was_lost_is_sent_again(registry: Running) -> None:
    registry.stages.deaf = {"state_backend"}
    operation = await registry.create()
    await registry.stages.lost_on_the_way()
    registry.stages.deaf = set()

    assert await registry.sweep.once() == 1

    assert (await registry.done(operation)).HasField("response")


async def test_an_answer_that_was_lost_is_asked_for_again(registry: Running) -> None:
    stages = registry.stages
    stages.silent = True
    operation = await registry.create()
    await stages.requested("preflight")
    stages.silent = False

    assert await registry.sweep.once() == 1

    assert (await registry.done(operation)).HasField("response")
    assert len([key for key in stages.answers if key[1] == "preflight"]) == 1


async def test_a_stage_at_work_is_left_alone(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    await registry.create()
    await registry.stages.requested("state_backend")

    assert await registry.sweep.once() == 0


async def test_a_stage_that_fell_silent_is_asked_again(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    await registry.create()
    await registry.stages.requested("state_backend")
    sweep = Sweep(
        registry.database, dict.fromkeys(SERVICE_OF.values(), registry.stages), wake=registry.relay.wake,
        again_after=timedelta(0), silent_after=timedelta(0),
    )  # fmt: skip

    assert await sweep.once() == 1


async def test_a_stop_that_was_lost_is_sent_again(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment"}
    await registry.create()
    deployment = await stages.requested("deployment")
    stages.deaf = {"deployment"}
    delete = await registry.delete()
    await stages.lost_on_the_way()
    stages.deaf = set()

    assert await registry.sweep.once() == 1

    assert (await stages.stop_requested("deployment")).hand_over == deployment
    assert (await registry.done(delete)).HasField("response")


async def test_a_lost_answer_to_a_stop_is_asked_for_again(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment", "stop"}
    await registry.create()
    deployment = await stages.requested("deployment")
    delete = await registry.delete()
    await stages.stop_requested("deployment")
    stages.silent = True
    await stages.answer(deployment, hand_over_pb2.StageStopped(hand_over=deployment))
    stages.silent = False

    assert await registry.sweep.once() == 1

    assert (await registry.done(delete)).HasField("response")


async def test_a_resting_environment_is_not_looked_at(registry: Running) -> None:
    await registry.done(await registry.create())
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_ACTIVE
    registry.stages.answers.clear()
    assert await registry.sweep.once() == 0
