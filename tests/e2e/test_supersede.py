"""People who change their mind, and processes that end in order: a delete during a create, a cancel, a SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import time

import grpc.aio
import pytest
from provisioning.environment.v1.environment_pb2 import Environment
from provisioning.environment.v1.hand_over_pb2 import StageState

from libs.embedded.platform import Platform
from libs.grpckit import failure_from_error
from tests.e2e.client import Client, Operation, actor_of, failure_of, in_step, state_of
from tests.e2e.conftest import SMALL
from tests.e2e.customer import Customer
from tests.e2e.observing import PROCESSES, terraform_watched

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
]
# Beyond PROVISIONING_DRAIN_SECONDS: Terraform's time to save its state, shipping it, and the end of the process itself
# on a busy machine. The launcher kills at 15 s.
_ALLOWED = float(SMALL["PROVISIONING_DRAIN_SECONDS"]) + 10.0


async def succeeds(client: Client, operation: Operation) -> None:
    ended = await client.wait(operation.name)
    assert ended.WhichOneof("result") == "response", failure_of(ended)


async def ended_as_superseded(client: Client, create: Operation, by: Operation) -> None:
    """The operation of a create ended when the delete was accepted, not when the stages came to rest."""
    ended = await client.wait(create.name, 5)
    failure = failure_of(ended)
    assert ended.error.code == grpc.StatusCode.CANCELLED.value[0], ended.error
    assert (failure.reason, actor_of(failure)) == ("SUPERSEDED", "NOBODY"), failure
    assert failure.metadata["operation"] == by.name and failure.remedy


async def nothing_is_left(client: Client, customer: Customer, name: str) -> Environment:
    environment = await client.get(name)
    assert state_of(environment) == "DELETED"
    assert not environment.HasField("failure")
    assert set(await customer.inventory()) <= {"s3:bucket"}
    return environment


async def test_delete_during_a_create_supersedes_it(client: Client, customer: Customer) -> None:
    name = "superseded"
    create = await client.create(name, customer.spec())
    await client.until(name, in_step("deployment", "apply"), "the apply")
    delete = await client.delete(name)
    stages = {one.stage: one for one in (await client.get(name)).stages}
    assert stages["deployment"].state == StageState.STAGE_STATE_RUNNING, "the delete waited for the create"
    await ended_as_superseded(client, create, by=delete)
    assert state_of(await client.get(name)) == "DELETING"
    assert (await client.delete(name)).name == delete.name, "a second delete joins the first"
    await succeeds(client, delete)
    first = await nothing_is_left(client, customer, name)

    # The name is free again; what comes under it is another environment, and a delete finds it before AWS is touched.
    again = await client.create(name, customer.spec())
    second = await client.get(name)
    assert second.uid != first.uid and state_of(second) == "PROVISIONING"
    delete = await client.delete(name)
    await ended_as_superseded(client, again, by=delete)
    await succeeds(client, delete)
    assert (await nothing_is_left(client, customer, name)).uid == second.uid
    with pytest.raises(grpc.aio.AioRpcError) as gone:
        await client.delete(name)
    assert gone.value.code() is grpc.StatusCode.NOT_FOUND


async def test_cancel_is_honoured_at_a_boundary_and_a_retry_goes_on_while_processes_drain(
    small: Platform, client: Client, customer: Customer
) -> None:
    name = "cancelled"
    create = await client.create(name, customer.spec())
    with pytest.raises(grpc.aio.AioRpcError) as taken:
        await client.create(name, customer.spec())
    assert taken.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert failure_from_error(taken.value).reason == "ENVIRONMENT_EXISTS"

    await client.until(name, in_step("deployment", "init"), "the init")
    await client.cancel(create.name)
    ended = await client.wait(create.name, 60)
    failure = failure_of(ended)
    assert ended.error.code == grpc.StatusCode.CANCELLED.value[0], ended.error
    assert (failure.reason, actor_of(failure)) == ("OPERATION_CANCELLED", "CUSTOMER"), failure
    assert failure.remedy
    environment = await client.get(name)
    assert state_of(environment) == "CANCELLED"
    stages = {one.stage: one for one in environment.stages}
    assert stages["deployment"].state == StageState.STAGE_STATE_STOPPED
    assert set(await customer.inventory()) <= {"s3:bucket"}, "the apply ran although it was cancelled before"

    retry = await client.retry(name)
    await client.until(name, in_step("deployment", "apply"), "the apply")
    async with terraform_watched(small):
        for process in PROCESSES:
            await drains(small, process)
        await succeeds(client, retry)
    assert state_of(await client.get(name)) == "ACTIVE"
    await succeeds(client, await client.delete(name))
    await nothing_is_left(client, customer, name)


async def drains(platform: Platform, process: str) -> None:
    """A SIGTERM, which the process follows within its set time while an environment is on the way."""
    before, started = platform.processes[process], time.monotonic()
    await platform.kill(process, signal.SIGTERM)
    while platform.processes[process] == before:
        assert time.monotonic() - started < _ALLOWED, f"{process} did not end within {_ALLOWED:.0f} s of SIGTERM"
        await asyncio.sleep(0.05)
    await platform.wait_ready(process)
