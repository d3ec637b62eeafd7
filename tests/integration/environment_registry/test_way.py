"""The way of an environment, through the registry's own doors, with played stages."""

from __future__ import annotations

import asyncio
import json

import pytest
from google.rpc import code_pb2, error_details_pb2
from provisioning.environment.v1 import environment_pb2, failure_pb2, hand_over_pb2, operation_pb2
from provisioning.infra.v1 import events_pb2 as infra

from libs.eventing.subjects import EVENTS_PREFIX
from tests.integration.environment_registry.conftest import Running, metadata_of

pytestmark = pytest.mark.integration


def stages_asked(registry: Running) -> list[tuple[str, int]]:
    keys = [request.hand_over for request in registry.stages.requests]  # type: ignore[attr-defined]
    return [(key.stage, key.attempt) for key in keys]


async def test_there_and_back(registry: Running) -> None:
    operation = await registry.done(await registry.create())

    environment = environment_pb2.Environment()
    assert operation.response.Unpack(environment)
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_ACTIVE
    assert environment.outputs == environment_pb2.EnvironmentOutputs(
        cluster_name="cluster", rds_endpoint="db:5432", vpc_id="vpc-1", gateway_url="https://beta9",
        state_bucket="bucket", state_key="w/e/terraform.tfstate",
    )  # fmt: skip
    assert environment == await registry.get()
    assert all(condition.status for condition in environment.conditions)
    metadata = metadata_of(operation)
    assert (metadata.verb, metadata.resources_done, metadata.resources_planned) == (operation_pb2.VERB_CREATE, 2, 2)
    assert [stage.stage for stage in metadata.stages] == [
        "preflight",
        "state_backend",
        "deployment",
        "baseline",
        "beta9",
    ]

    deleted = await registry.done(await registry.delete())

    assert deleted.response.Unpack(environment)
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_DELETED
    assert [kept.resource for kept in environment.kept] == ["snapshot", "s3://bucket"]
    assert [stage for stage, _ in stages_asked(registry)] == [
        "preflight", "state_backend", "deployment", "baseline", "beta9", "drain", "destroy", "release",
    ]  # fmt: skip


async def test_every_answer_may_come_three_times(registry: Running) -> None:
    registry.stages.copies = 3
    await registry.done(await registry.create())
    await registry.done(await registry.delete())
    assert len(stages_asked(registry)) == 8


async def test_a_name_is_free_again_after_the_delete(registry: Running) -> None:
    await registry.done(await registry.create())
    first = await registry.get()
    await registry.done(await registry.delete())
    await registry.done(await registry.create())
    second = await registry.get()
    assert second.state == environment_pb2.ENVIRONMENT_STATE_ACTIVE
    assert second.uid != first.uid


async def test_a_failed_stage_stops_the_others_and_a_retry_goes_on(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment", "baseline"}
    operation = await registry.create()
    deployment = await stages.requested("deployment")
    await stages.tell(deployment, infra.ClusterAvailable(hand_over=deployment))
    await stages.fail(await stages.requested("baseline"), "CHART_NOT_FOUND")
    assert (await stages.stop_requested("deployment")).reason == "another stage failed"

    ended = await registry.done(operation)

    assert ended.error.code == code_pb2.FAILED_PRECONDITION
    info, failure = error_details_pb2.ErrorInfo(), failure_pb2.Failure()
    assert ended.error.details[0].Unpack(info)
    assert (info.reason, info.domain) == ("CHART_NOT_FOUND", "provisioning.beta9.dev")
    assert ended.error.details[-1].Unpack(failure)
    assert (failure.stage, failure.step, failure.actor) == ("baseline", "apply", failure_pb2.ACTOR_CUSTOMER)
    environment = await registry.get()
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_FAILED
    assert environment.failure.reason == "CHART_NOT_FOUND"

    stages.held = set()
    retried = await registry.done(await registry.retry())

    assert retried.HasField("response")
    assert metadata_of(retried).verb == operation_pb2.VERB_RETRY
    assert stages_asked(registry)[-3:] == [("deployment", 2), ("baseline", 2), ("beta9", 1)]
    assert not (await registry.get()).HasField("failure")


async def test_a_cancel_is_honoured_at_the_checkpoint(registry: Running) -> None:
    from google.longrunning import operations_pb2

    stages = registry.stages
    stages.held = {"deployment", "stop"}
    operation = await registry.create()
    deployment = await stages.requested("deployment")

    await registry.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=operation.name))
    await registry.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=operation.name))

    assert (await stages.stop_requested("deployment")).hand_over == deployment
    asked = operations_pb2.GetOperationRequest(name=operation.name)
    running = await registry.operations.GetOperation(asked)
    assert not running.done
    assert metadata_of(running).requested_cancellation
    await stages.answer(deployment, hand_over_pb2.StageStopped(hand_over=deployment, step="plan"))
    ended = await registry.done(operation)
    assert ended.error.code == code_pb2.CANCELLED
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_CANCELLED
    stages.held = set()
    assert (await registry.done(await registry.retry())).HasField("response")


async def test_a_delete_supersedes_a_create(registry: Running) -> None:
    stages = registry.stages
    stages.held = {"deployment", "stop"}
    create = await registry.create()
    deployment = await stages.requested("deployment")

    delete = await registry.delete()

    ended = await registry.done(create)
    assert ended.error.code == code_pb2.CANCELLED
    info = error_details_pb2.ErrorInfo()
    assert ended.error.details[0].Unpack(info)
    assert (info.reason, info.metadata["operation"]) == ("SUPERSEDED", delete.name)
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_DELETING
    assert await registry.delete() == delete
    assert (await stages.stop_requested("deployment")).reason == "superseded by a delete"
    assert "destroy" not in dict(stages_asked(registry))
    await stages.answer(deployment, hand_over_pb2.StageStopped(hand_over=deployment))
    assert (await registry.done(delete)).HasField("response")
    assert [stage for stage, _ in stages_asked(registry)] == [
        "preflight",
        "state_backend",
        "deployment",
        "destroy",
        "release",
    ]


async def test_outsiders_are_told_every_step_in_order(registry: Running) -> None:
    subject = f"{EVENTS_PREFIX}.{registry.workspace}.*.environment.>"
    subscription = await registry.bus.jetstream.subscribe(subject, ordered_consumer=True)
    operation = await registry.done(await registry.create())
    await registry.done(await registry.delete())

    told: list[tuple[str, str]] = []
    sequences: list[int] = []
    while not told or told[-1][0] != "environment_deleted":
        message = await subscription.next_msg(timeout=10)
        data = json.loads(message.data)
        told.append((message.subject.rpartition(".")[2], data.get("event", "")))
        sequences.append(int((message.headers or {})["ce-sequence"]))

    assert told[0] == ("environment_created", "")
    assert ("environment_progressed", "cluster_available") in told
    assert ("environment_progressed", "step_changed") in told
    names = [name for name, _ in told]
    assert names.index("environment_activated") < names.index("environment_deleting")
    assert sequences == sorted(sequences)
    assert operation.done


async def test_of_many_creates_of_one_name_exactly_one_wins(registry: Running) -> None:
    import grpc

    registry.stages.held = {"state_backend"}
    answers = await asyncio.gather(*(registry.create() for _ in range(20)), return_exceptions=True)
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    lost = [answer.code() for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert (len(won), set(lost), len(lost)) == (1, {grpc.StatusCode.ALREADY_EXISTS}, 19)
