"""A stage asked by event: once, again, to stop, after a crash, after a failure."""

import asyncio
from typing import Any

import pytest

from libs.failures import Failure
from libs.stages import Attempt, AttemptState
from libs.stages.log import LogWriter
from tests.integration.unanswered import leave_commits_unanswered

from .conftest import Stage

ID = "op1-state-backend-1"


async def test_a_request_is_worked_and_answered(stage: Stage) -> None:
    await stage.work_to("state_backend_ready")

    assert await stage.answers() == ["step_changed", "step_changed", "state_backend_ready"]
    attempt = await stage.repository.find(ID)
    assert attempt is not None
    assert attempt.state is AttemptState.SUCCEEDED
    assert attempt.data == {"bucket": "b"}
    assert attempt.steps_done == ("first", "second")


async def test_asked_again_it_answers_again_and_does_nothing(stage: Stage) -> None:
    await stage.work_to("state_backend_ready")

    await stage.ask(stage.hand_over())
    await stage.until_answered("state_backend_ready", times=2)

    assert stage.ran == ["first", "second"]


async def test_a_stop_is_honoured_at_the_next_checkpoint(stage: Stage) -> None:
    stage.start_worker("a")
    await stage.ask(stage.hand_over())
    await stage.entered.wait()

    await stage.ask_to_stop_and_wait(stage.hand_over())
    stage.gate.set()
    await stage.until_answered("stage_stopped")

    attempt = await stage.repository.find(ID)
    assert attempt is not None
    assert attempt.state is AttemptState.STOPPED


async def test_a_stop_before_its_request_leaves_nothing_to_do(stage: Stage) -> None:
    stage.gate.set()
    stage.start_worker("a")

    await stage.ask_to_stop(stage.hand_over())
    await stage.ask(stage.hand_over())
    await stage.until_answered("stage_stopped", times=2)

    assert stage.ran == []


async def test_the_next_worker_goes_on_at_the_step(stage: Stage) -> None:
    stage.start_worker("a")
    await stage.ask(stage.hand_over())
    await stage.entered.wait()
    await stage.stop_workers()

    stage.gate.set()
    stage.start_worker("b")
    await stage.until_answered("state_backend_ready")

    assert stage.ran == ["first", "second", "second"]


async def test_a_worker_whose_lease_was_taken_writes_nothing_more(stage: Stage) -> None:
    stage.start_worker("a")
    await stage.ask(stage.hand_over())
    await stage.entered.wait()

    stage.leases.take_away()
    async with asyncio.timeout(20):
        while stage.ran.count("second") < 2:  # taken up again, under a newer fence
            await asyncio.sleep(0.02)
    stage.gate.set()
    await stage.until_answered("state_backend_ready")

    attempt = await stage.repository.find(ID)
    assert attempt is not None
    assert attempt.fence == 2
    assert (await stage.answers()).count("state_backend_ready") == 1


async def test_a_failure_is_answered_and_a_retry_goes_on_at_the_step(stage: Stage) -> None:
    async def fail() -> None:
        raise Failure("BROKEN", "It is broken.", retryable=False)

    stage.fault = fail
    await stage.work_to("stage_failed")

    stage.fault = None
    await stage.ask(stage.hand_over("op2", attempt=2))
    await stage.until_answered("state_backend_ready")

    assert stage.ran == ["first", "second", "second"]
    attempt = await stage.repository.find(ID)
    assert attempt is not None and attempt.failure is not None
    assert attempt.failure.reason == "BROKEN"


async def test_who_hears_of_the_end_can_read_the_last_line(stage: Stage) -> None:
    async def fail() -> None:
        raise Failure("BROKEN", "It is broken.", retryable=False)

    stage.fault = fail
    stage.gate.set()
    stage.start_worker("a")
    await stage.ask(stage.hand_over())
    lines: list[str] = []
    async with asyncio.timeout(20):
        while not lines:  # until the request has come
            lines = await stage.logged(follow=True)
    assert lines[-1] == "second: BROKEN: It is broken."


async def test_a_retryable_failure_is_tried_again_within_the_attempt(stage: Stage) -> None:
    times = 0

    async def fail_once() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise Failure("THROTTLED", "Slow down.", retryable=True, retry_after_seconds=0.01)

    stage.fault = fail_once
    await stage.work_to("state_backend_ready")

    assert stage.ran == ["first", "second", "second"]


async def test_a_drained_worker_hands_its_attempt_on(stage: Stage) -> None:
    worker = stage.start_worker("a")
    await stage.ask(stage.hand_over())
    await stage.entered.wait()
    draining = asyncio.create_task(worker.drain(10))
    await asyncio.sleep(0)
    stage.gate.set()
    await draining
    await stage.stop_workers()

    stage.start_worker("b")
    await stage.until_answered("state_backend_ready")

    assert stage.ran == ["first", "second"]


async def test_a_claim_that_fails_gives_its_lease_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.gate.set()
    claim = stage.repository.claim
    failures = iter([ConnectionError("the database is away")])

    async def failing_once(*args: Any, **kwargs: Any) -> Attempt | None:
        for error in failures:
            raise error
        return await claim(*args, **kwargs)

    monkeypatch.setattr(stage.repository, "claim", failing_once)
    stage.start_worker("a")

    await stage.ask(stage.hand_over())
    await stage.until_answered("state_backend_ready")

    assert list(stage.leases.fences.values()) == [2]


async def test_log_lines_that_cannot_be_kept_do_not_keep_the_lease(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.gate.set()
    flush = LogWriter.flush

    async def failing_at_last(writer: LogWriter, *, attempts: int | None = 5) -> None:
        if attempts is not None:
            raise ConnectionError("the database is away")
        await flush(writer, attempts=attempts)

    monkeypatch.setattr(LogWriter, "flush", failing_at_last)
    stage.start_worker("a")

    await stage.ask(stage.hand_over("op1"))
    await stage.until_answered("state_backend_ready")
    await stage.ask(stage.hand_over("op2"))
    await stage.until_answered("state_backend_ready", times=2)


async def test_what_a_run_writes_is_there_once_where_commits_are_not_answered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise Failure("BROKEN", "It is broken.")

    leave_commits_unanswered(stage.database, monkeypatch)
    stage.fault = fail
    await stage.work_to("stage_failed")

    assert stage.ran == ["first", "second"]
    assert await stage.answers() == ["step_changed", "step_changed", "stage_failed"]
    assert await stage.logged() == ["second: BROKEN: It is broken."]


async def test_what_another_release_asked_for_waits_and_keeps_nobody_waiting(stage: Stage) -> None:
    hand_over = stage.hand_over("op1")
    async with stage.database.transaction() as connection:
        await stage.repository.insert(
            connection, id=ID, workspace=stage.workspace, environment=hand_over.environment, uid="e1", operation="op1",
            stage="state_backend", number=1, request_type="provisioning.state.v9.LaterRequested", request="{}",
            state="REQUESTED",
        )  # fmt: skip
    stage.gate.set()
    stage.start_worker("a")
    await stage.ask(stage.hand_over("op2"))
    await stage.until_answered("state_backend_ready")

    later = await stage.repository.find(ID)
    assert later is not None and later.state is AttemptState.REQUESTED and later.fence == 0
