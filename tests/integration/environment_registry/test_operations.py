"""google.longrunning.Operations."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from google.longrunning import operations_pb2 as messages

from services.environment_registry import reading
from services.environment_registry.changes_feed import ChangeFeed
from services.environment_registry.names import parse_operation
from tests.integration.environment_registry.conftest import PATIENCE, Running
from tests.integration.environment_registry.errors import refused

pytestmark = pytest.mark.integration


async def test_a_wait_answers_the_running_operation_when_its_time_is_over(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    operation = await registry.create()
    request = messages.WaitOperationRequest(name=operation.name)
    request.timeout.FromMilliseconds(1)
    assert not (await registry.operations.WaitOperation(request)).done
    request.ClearField("timeout")
    assert not (await registry.operations.WaitOperation(request, timeout=2)).done


async def test_a_wait_is_woken_by_the_change_and_needs_no_poll(
    registry: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_WAIT_POLL", 3600.0)
    registry.stages.held = {"state_backend"}
    operation = await registry.create()
    key = await registry.stages.requested("state_backend")
    waits = [asyncio.create_task(registry.done(operation)) for _ in range(3)]
    waiting = asyncio.create_task(registry.done(await registry.create("two")))
    async with asyncio.timeout(PATIENCE):
        while len(registry.feed.waiters) < 4:
            await asyncio.sleep(0.01)
    await registry.stages.succeed(key)
    assert all(ended.HasField("response") for ended in await asyncio.gather(*waits))
    # Another environment's changes end nobody else's wait, and who has its answer is forgotten.
    assert not waiting.done()
    assert len(registry.feed.waiters) == 1
    await registry.done(await registry.delete("two"))
    assert (await waiting).HasField("error")


async def test_a_wait_ends_without_the_feed_too(registry: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_WAIT_POLL", 0.05)
    registry.stages.held = {"state_backend"}
    operation = await registry.create()
    key = await registry.stages.requested("state_backend")
    reader = reading.Reader(registry.database, ChangeFeed(registry.database))
    waiting = asyncio.create_task(reader.wait(parse_operation(operation.name), PATIENCE))
    await registry.stages.succeed(key)
    assert (await waiting).done


async def test_operations_are_listed_the_newest_first_and_by_done(registry: Running) -> None:
    done = await registry.done(await registry.create("a"))
    registry.stages.held = {"state_backend"}
    running = await registry.create("b")
    request = messages.ListOperationsRequest(name=registry.parent, page_size=1)
    first = await registry.operations.ListOperations(request)
    assert [operation.name for operation in first.operations] == [running.name]
    request.page_token = first.next_page_token
    second = await registry.operations.ListOperations(request)
    assert [operation.name for operation in second.operations] == [done.name]
    assert second.next_page_token == ""
    for filter_text, name in (("done=true", done.name), ("done = false", running.name)):
        filtered = messages.ListOperationsRequest(name=f"{registry.parent}/operations", filter=filter_text)
        found = await registry.operations.ListOperations(filtered)
        assert [operation.name for operation in found.operations] == [name]
    wrong = messages.ListOperationsRequest(name=registry.parent, filter="verb=create")
    assert (await refused(registry.operations.ListOperations(wrong))).reason == "FILTER_NOT_SUPPORTED"


async def test_only_an_operation_that_has_ended_is_forgotten(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    operation = await registry.create()
    request = messages.DeleteOperationRequest(name=operation.name)
    error = await refused(registry.operations.DeleteOperation(request))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OPERATION_RUNNING")
    await registry.stages.succeed(await registry.stages.requested("state_backend"))
    await registry.done(operation)
    await registry.operations.DeleteOperation(request)
    asked = messages.GetOperationRequest(name=operation.name)
    assert (await refused(registry.operations.GetOperation(asked))).reason == "OPERATION_NOT_FOUND"
    assert (await registry.done(await registry.delete())).HasField("response")


async def test_an_operation_that_has_ended_cannot_be_cancelled(registry: Running) -> None:
    operation = await registry.done(await registry.create())
    error = await refused(
        registry.operations.CancelOperation(messages.CancelOperationRequest(name=operation.name))
    )  # fmt: skip
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OPERATION_DONE")


async def test_operations_of_another_workspace_are_not_found(registry: Running) -> None:
    operation = await registry.done(await registry.create())
    identifier = operation.name.rpartition("/")[2]
    request = messages.GetOperationRequest(name=f"workspaces/other/operations/{identifier}")
    assert (await refused(registry.operations.GetOperation(request))).code is grpc.StatusCode.NOT_FOUND
