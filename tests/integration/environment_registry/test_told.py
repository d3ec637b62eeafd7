"""What an operation tells while it waits, and when it was cancelled, failed or undone."""

from __future__ import annotations

import pytest
from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_pb2, environment_service_pb2, failure_pb2, hand_over_pb2

from services.environment_registry.sweep import Progress, Standing
from tests.integration.environment_registry.conftest import Running, metadata_of

pytestmark = pytest.mark.integration
DESTROY = environment_service_pb2.ON_CREATE_FAILURE_DESTROY


async def _operation(registry: Running, operation: operations_pb2.Operation) -> operations_pb2.Operation:
    return await registry.operations.GetOperation(operations_pb2.GetOperationRequest(name=operation.name))


def _failure_of(operation: operations_pb2.Operation) -> failure_pb2.Failure:
    failure = failure_pb2.Failure()
    assert any(detail.Unpack(failure) for detail in operation.error.details)
    return failure


async def test_the_place_in_the_queue_is_told_until_the_stage_begins(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"preflight"}
    operation = await registry.create()
    key = await stages.requested("preflight")
    stages.standings["preflight"] = Progress(Standing.OPEN, queue_position=3, waiting_for="a free worker")

    assert await registry.sweep.once() == 0, "what is queued is not asked again"

    told = metadata_of(await _operation(registry, operation))
    (stage,) = told.stages
    assert (stage.queue_position, stage.waiting_for) == (3, "a free worker")
    assert told.status_message == "Waiting at preflight, place 3 in the queue: a free worker."

    await stages.tell(key, hand_over_pb2.StepChanged(hand_over=key, step="check_account"))
    await registry.until(lambda environment: environment.stages[0].step == "check_account")
    (stage,) = metadata_of(await _operation(registry, operation)).stages
    assert (stage.queue_position, stage.waiting_for) == (0, "")


async def test_a_step_that_pauses_before_a_retry_says_so(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"preflight"}
    operation = await registry.create()
    key = await stages.requested("preflight")
    pause = "try 2 of 3 begins in 40 s, after AWS_THROTTLED"
    told = hand_over_pb2.StepChanged(hand_over=key, step="check_account", retries=1, waiting_for=pause)
    await stages.tell(key, told)
    await registry.until(lambda environment: environment.stages[0].step == "check_account")

    metadata = metadata_of(await _operation(registry, operation))
    assert (metadata.stages[0].retries, metadata.stages[0].waiting_for) == (1, pause)
    assert metadata.status_message == f"Waiting at preflight, at check_account: {pause}."


async def test_a_cancelled_operation_says_how_many_resources_are_there(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment", "stop"}
    operation = await registry.create()
    key = await stages.requested("deployment")
    await registry.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=operation.name))
    await stages.stop_requested("deployment")
    await stages.answer(key, hand_over_pb2.StageStopped(hand_over=key, step="plan", resources_existing=37))

    ended = await registry.done(operation)
    assert ended.error.message.startswith("The operation was cancelled; 37 cloud resources are there. ")
    assert metadata_of(ended).resources_existing == 37
    assert _failure_of(ended).metadata["resources_existing"] == "37"


async def test_a_failed_create_is_destroyed_by_policy_and_says_so(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment"}
    operation = await registry.create(on_create_failure=DESTROY)
    await stages.fail(await stages.requested("deployment"))

    ended = await registry.done(operation)

    failure = _failure_of(ended)
    assert (failure.reason, failure.stage) == ("APPLY_FAILED", "deployment")
    assert failure.message == (
        "It failed. Everything that it had built was destroyed, and the environment is gone."
    )  # fmt: skip
    assert failure.metadata["destroyed"] == "true"
    metadata = metadata_of(ended)
    assert [stage.stage for stage in metadata.stages][-2:] == ["destroy", "release"]
    assert metadata.resources_existing == 0
    environment = await registry.get()
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_DELETED
    assert environment.failure.reason == "APPLY_FAILED"
    assert [kept.resource for kept in environment.kept] == ["snapshot", "s3://bucket"]
    stages.held = set()
    assert (await registry.done(await registry.create())).HasField("response"), "the name is free again"


async def test_a_destroy_that_fails_too_leaves_the_environment_to_be_retried(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment", "destroy"}
    operation = await registry.create(on_create_failure=DESTROY)
    await stages.fail(await stages.requested("deployment"))
    await stages.fail(await stages.requested("destroy"), "DESTROY_INCOMPLETE")

    failure = _failure_of(await registry.done(operation))

    assert failure.reason == "APPLY_FAILED"
    assert failure.message == "It failed. Destroying what it had built failed too, at destroy."
    assert failure.metadata["destroyed"] == "false"
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_FAILED
    stages.held = set()
    assert (await registry.done(await registry.retry())).HasField("response")
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_DELETED


async def test_a_failed_create_stays_by_default(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment"}
    operation = await registry.create()
    await stages.fail(await stages.requested("deployment"))
    assert _failure_of(await registry.done(operation)).message == "It failed."
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_FAILED
