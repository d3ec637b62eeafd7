"""A step that fails for a while, one that is stopped in its middle, and what is told meanwhile."""

import asyncio

import pytest
import sqlalchemy as sa
from provisioning.environment.v1.stage_service_pb2 import GetHandOverRequest, GetHandOverResponse

from libs.failures import Actor, Failure, Kind
from libs.stages import AttemptState, FairQueue, Limits
from libs.stages.retries import PACES, Pace
from libs.stages.servicer import StageServicer

from .conftest import TABLES, Stage

ID = "op1-state-backend-1"


def throttled(after: float | None = None) -> Failure:
    return Failure(
        "AWS_THROTTLED",
        "Rate exceeded.",
        kind=Kind.UNAVAILABLE,
        retryable=True,
        actor=Actor.NOBODY,
        retry_after_seconds=after,
    )


async def _standing(stage: Stage) -> GetHandOverResponse:
    servicer = StageServicer(stage.repository, FairQueue(stage.repository, Limits(stale_seconds=1.0)))
    return await servicer.GetHandOver(GetHandOverRequest(hand_over=stage.hand_over()), None)


async def _until_pausing(stage: Stage) -> GetHandOverResponse:
    await stage.entered.wait()
    async with asyncio.timeout(20):
        while not (answer := await _standing(stage)).waiting_for:
            await asyncio.sleep(0.02)
    return answer


async def test_the_budget_ends_and_the_failure_says_how_often_it_was_tried(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PACES, "AWS_THROTTLED", Pace(0.01, 0.01))

    async def fail() -> None:
        raise throttled()

    stage.fault = fail
    await stage.work_to("stage_failed")

    assert stage.ran == ["first", "second", "second"]
    attempt = await stage.repository.find(ID)
    assert attempt is not None and attempt.failure is not None
    assert attempt.failure.metadata == {"tries": "2"}
    assert [step.retries for step in await stage.repository.steps(ID)] == [0, 1]


@pytest.mark.parametrize(
    ("kind", "actor"), [(Kind.PERMISSION_DENIED, Actor.PLATFORM), (Kind.FAILED_PRECONDITION, Actor.CUSTOMER)]
)
async def test_what_somebody_must_mend_is_not_tried_again(stage: Stage, kind: Kind, actor: Actor) -> None:
    async def fail() -> None:
        raise Failure("REFUSED", "No.", kind=kind, actor=actor, retryable=True)

    stage.fault = fail
    await stage.work_to("stage_failed")

    assert stage.ran == ["first", "second"]


async def test_a_stop_ends_the_pause_and_the_pause_is_told(stage: Stage) -> None:
    async def fail() -> None:
        raise throttled(300)

    stage.fault = fail
    stage.gate.set()
    stage.start_worker("a")
    await stage.ask(stage.hand_over())

    answer = await _until_pausing(stage)
    assert answer.waiting_for.startswith("try 2 of 2 begins in ")
    assert answer.waiting_for.endswith("after AWS_THROTTLED")
    assert (answer.retries, answer.queue_position, answer.step) == (1, 0, "second")
    async with asyncio.timeout(20):
        while not any("Rate exceeded" in line for line in await stage.logged()):
            await asyncio.sleep(0.05)
    outbox = TABLES.events.outbox
    async with stage.database.transaction() as connection:
        told = (await connection.execute(sa.select(outbox.c.data).order_by(outbox.c.sequence))).scalars().all()
    assert any('"retries": 1' in one and "AWS_THROTTLED" in one for one in told)

    await stage.ask_to_stop(stage.hand_over())
    await stage.until_answered("stage_stopped")


async def test_a_drain_hands_a_pausing_attempt_on_and_its_budget_goes_with_it(stage: Stage) -> None:
    async def fail() -> None:
        raise throttled(300)

    stage.fault = fail
    stage.gate.set()
    worker = stage.start_worker("a")
    await stage.ask(stage.hand_over())
    await _until_pausing(stage)
    await asyncio.wait_for(worker.drain(60), 20)
    await stage.stop_workers()

    stage.start_worker("b")
    await stage.until_answered("stage_failed")

    assert stage.ran == ["first", "second", "second"], "the second worker has what is left of the budget"


async def test_an_interruptible_step_ends_at_once(stage: Stage) -> None:
    stage.interruptible = True
    stage.start_worker("a")
    await stage.ask(stage.hand_over())
    await stage.entered.wait()

    await stage.ask_to_stop(stage.hand_over())  # the gate stays shut
    await stage.until_answered("stage_stopped")

    attempt = await stage.repository.find(ID)
    assert attempt is not None and attempt.state is AttemptState.STOPPED
    assert attempt.steps_done == ("first",)


async def test_a_step_that_ends_itself_when_asked_is_stopped_and_not_failed(stage: Stage) -> None:
    async def cancelled() -> None:
        raise Failure("CANCELLED", "It was stopped.", kind=Kind.CANCELLED, retryable=True)

    stage.fault = cancelled
    stage.start_worker("a")
    await stage.ask(stage.hand_over())
    await stage.entered.wait()
    await stage.ask_to_stop_and_wait(stage.hand_over())
    stage.gate.set()
    await stage.until_answered("stage_stopped")

    assert "stage_failed" not in await stage.answers()
