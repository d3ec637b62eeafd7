"""google.longrunning.Operations: what each method answers; and positions and times that nobody was given."""

from __future__ import annotations

import asyncio
import base64
import json

import grpc
import pytest
from google.longrunning import operations_pb2 as messages
from google.protobuf import empty_pb2
from google.rpc import error_details_pb2
from provisioning.environment.v1 import environment_pb2, environment_service_pb2, failure_pb2

from tests.contract.environment_registry.conftest import Door
from tests.integration.environment_registry.conftest import metadata_of
from tests.integration.environment_registry.errors import refused

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def opaque(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_a_cancel_is_heard_once_and_ends_at_the_checkpoint(door: Door) -> None:
    operation = await door.create()
    request = messages.CancelOperationRequest(name=operation.name)
    for _ in range(2):
        assert await door.operations.CancelOperation(request) == empty_pb2.Empty()
    running = await door.operation(operation.name)
    assert (running.done, metadata_of(running).requested_cancellation) == (False, True)
    await door.stopped()
    ended = await door.operation(operation.name)
    told = failure_pb2.Failure()
    assert any(detail.Unpack(told) for detail in ended.error.details)
    assert (ended.error.code, told.reason) == (grpc.StatusCode.CANCELLED.value[0], "OPERATION_CANCELLED")
    assert (await door.get()).state == environment_pb2.ENVIRONMENT_STATE_CANCELLED
    # What was cancelled stays so; asking again changes nothing and is no error.
    assert await door.operations.CancelOperation(request) == empty_pb2.Empty()
    retry = environment_service_pb2.RetryEnvironmentRequest(name=door.name())
    again = await door.environments.RetryEnvironment(retry)
    await door.finish()
    error = await refused(door.operations.CancelOperation(messages.CancelOperationRequest(name=again.name)))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OPERATION_DONE")
    assert error.detail(error_details_pb2.PreconditionFailure).violations[0].subject == again.name


async def test_what_runs_is_not_forgotten(door: Door) -> None:
    operation = await door.create()
    error = await refused(door.operations.DeleteOperation(messages.DeleteOperationRequest(name=operation.name)))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OPERATION_RUNNING")
    assert error.detail(error_details_pb2.PreconditionFailure).violations[0].subject == operation.name


async def test_a_wait_answers_the_end_as_soon_as_it_comes(door: Door) -> None:
    operation = await door.create()
    waiting = asyncio.ensure_future(door.operations.WaitOperation(messages.WaitOperationRequest(name=operation.name)))
    await door.fail()
    assert await waiting == await door.operation(operation.name)
    assert (await waiting).done


@pytest.mark.parametrize(
    ("seconds", "nanos"), [(0, 0), (-1, 0), (-(2**63), 0), (0, 1), (0, -1), (2**63 - 1, 0), (0, 2**31 - 1)]
)
async def test_a_wait_bears_any_timeout(door: Door, seconds: int, nanos: int) -> None:
    """Those that mean a long time are cut short by the caller's deadline, and are answered before it."""
    operation = await door.create()
    request = messages.WaitOperationRequest(name=operation.name)
    request.timeout.seconds, request.timeout.nanos = seconds, nanos
    assert not (await door.operations.WaitOperation(request, timeout=1.0 if seconds + nanos > 1 else 20.0)).done


async def test_operations_are_listed_by_done_and_in_pages(door: Door) -> None:
    failed = await door.create("a")
    await door.fail(environment_id="a")
    running = await door.create("b")
    request = messages.ListOperationsRequest(name=door.parent, page_size=1)
    first = await door.operations.ListOperations(request)
    request.page_token = first.next_page_token
    second = await door.operations.ListOperations(request)
    listed = [operation.name for page in (first, second) for operation in page.operations]
    assert listed == [running.name, failed.name] and not second.next_page_token
    for text, name in (("done", failed.name), ("done=true", failed.name), ("done = false", running.name)):
        found = await door.operations.ListOperations(
            messages.ListOperationsRequest(name=f"{door.parent}/operations", filter=text)
        )
        assert [operation.name for operation in found.operations] == [name]
    # A page belongs to its list.
    request.filter = "done"
    error = await refused(door.operations.ListOperations(request))
    assert (error.code, error.reason, error.fields) == (INVALID, "PAGE_TOKEN_INVALID", {"page_token"})
    for wrong, reason, field in (
        (messages.ListOperationsRequest(name=door.parent, filter="state=done"), "FILTER_NOT_SUPPORTED", "filter"),
        (messages.ListOperationsRequest(name=door.parent, page_size=-1), "PAGE_SIZE_INVALID", "page_size"),
    ):
        error = await refused(door.operations.ListOperations(wrong))
        assert (error.code, error.reason, error.fields) == (INVALID, reason, {field})


@pytest.mark.parametrize("position", [2**63, -1, True, 1.5, "1", None, [], {}, ["a", 1]], ids=repr)
async def test_a_forged_page_of_operations_is_the_callers_fault(door: Door, position: object) -> None:
    token = opaque(json.dumps([position, f"operations of {door.workspace}, done None"]))
    request = messages.ListOperationsRequest(name=door.parent, page_token=token)
    error = await refused(door.operations.ListOperations(request))
    assert (error.code, error.reason) == (INVALID, "PAGE_TOKEN_INVALID")


@pytest.mark.parametrize(
    "position", [["a", 2**63], ["a", -1], ["a", True], ["\0", 1], ["\ud800", 1], ["a"], ["a", 1, 1], 1], ids=repr
)
async def test_a_forged_page_of_environments_is_the_callers_fault(door: Door, position: object) -> None:
    token = opaque(json.dumps([position, f"environments of {door.workspace}, deleted False"]))
    request = environment_service_pb2.ListEnvironmentsRequest(parent=door.parent, page_token=token)
    error = await refused(door.environments.ListEnvironments(request))
    assert (error.code, error.reason) == (INVALID, "PAGE_TOKEN_INVALID")


@pytest.mark.parametrize("token", ["!", "a", opaque("{}"), opaque("[" * 100_000)], ids=["!", "a", "object", "deep"])
async def test_a_page_token_of_another_making_is_the_callers_fault(door: Door, token: str) -> None:
    for call in (
        door.environments.ListEnvironments(
            environment_service_pb2.ListEnvironmentsRequest(parent=door.parent, page_token=token)
        ),
        door.operations.ListOperations(messages.ListOperationsRequest(name=door.parent, page_token=token)),
    ):
        error = await refused(call)
        assert (error.code, error.reason, error.fields) == (INVALID, "PAGE_TOKEN_INVALID", {"page_token"})


@pytest.mark.parametrize("text", ["", "1.1", "2.1.1", "1.a.1", f"1.{2**63}.0", f"1.0.{2**63}", "1.-1.0", "1.1.1.1"])
async def test_a_forged_resume_marker_is_the_callers_fault(door: Door, text: str) -> None:
    marker = opaque(text) or "!"
    request = environment_service_pb2.WatchEnvironmentsRequest(parent=door.parent, resume_marker=marker)
    error = await refused(door.environments.WatchEnvironments(request).read())
    assert (error.code, error.reason, error.fields) == (INVALID, "RESUME_MARKER_INVALID", {"resume_marker"})
