"""EnvironmentService: what each method answers, and what it refuses by its own rules."""

from __future__ import annotations

import asyncio
import uuid

import grpc
import pytest
from google.longrunning import operations_pb2
from google.rpc import error_details_pb2
from provisioning.environment.v1 import environment_pb2, failure_pb2, operation_pb2
from provisioning.environment.v1 import environment_service_pb2 as messages

from tests.contract.environment_registry.conftest import Door
from tests.integration.environment_registry.conftest import metadata_of
from tests.integration.environment_registry.errors import refused

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

INVALID = grpc.StatusCode.INVALID_ARGUMENT


async def test_an_external_id_is_the_workspaces_own(door: Door) -> None:
    request = messages.IssueExternalIdRequest(parent=door.parent)
    first, again = [await door.environments.IssueExternalId(request) for _ in range(2)]
    assert first == again and first.external_id
    other = messages.IssueExternalIdRequest(parent=f"{door.parent}x")
    assert (await door.environments.IssueExternalId(other)).external_id != first.external_id


async def test_a_create_answers_an_operation_on_what_is_there_to_read(door: Door) -> None:
    operation = await door.create()
    assert operation.name.startswith(f"{door.parent}/operations/") and not operation.done
    metadata, environment = metadata_of(operation), await door.get()
    assert (metadata.target, metadata.uid, metadata.verb) == (door.name(), environment.uid, operation_pb2.VERB_CREATE)
    assert metadata.create_time.ToDatetime() >= environment.create_time.ToDatetime() and metadata.status_message
    assert (environment.name, environment.operation, environment.generation) == (door.name(), operation.name, 1)
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_PROVISIONING
    assert environment.etag and environment.spec.cloud.account_id == "123456789012"
    assert (await door.operation(operation.name)).metadata == operation.metadata


async def test_a_create_names_what_is_wrong_with_it(door: Door) -> None:
    bad = door.creation("Not Legal")
    error = await refused(door.environments.CreateEnvironment(bad))
    assert (error.code, error.reason, error.fields) == (INVALID, "ENVIRONMENT_ID_INVALID", {"environment_id"})
    other = door.creation()
    other.environment.name = door.name("two")
    error = await refused(door.environments.CreateEnvironment(other))
    assert (error.code, error.reason, error.fields) == (INVALID, "NAME_INVALID", {"environment.name"})
    bad = door.creation()
    bad.environment.spec.cloud.region, bad.environment.spec.cloud.account_id = "nowhere", "12"
    error = await refused(door.environments.CreateEnvironment(bad))
    assert (error.code, error.reason) == (INVALID, "DOCUMENT_INVALID")
    assert {"environment.spec.cloud.region", "environment.spec.cloud.account_id"} <= error.fields
    await door.create()
    error = await refused(door.create())
    assert (error.code, error.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ENVIRONMENT_EXISTS")
    assert error.detail(error_details_pb2.ResourceInfo).resource_name == door.name()


async def test_a_request_id_stands_for_one_request_of_one_workspace(door: Door) -> None:
    request = door.creation()
    request.request_id = str(uuid.uuid4())
    # Neither a check nor what was refused uses it up.
    request.validate_only = True
    assert (await door.environments.CreateEnvironment(request)).name == ""
    request.validate_only = False
    request.environment.spec.cloud.account_id = "12"
    assert (await refused(door.environments.CreateEnvironment(request))).reason == "DOCUMENT_INVALID"
    request.environment.spec.cloud.account_id = "123456789012"
    first = await door.environments.CreateEnvironment(request)
    await door.fail()
    again = await door.environments.CreateEnvironment(request)
    assert (again.name, again.done) == (first.name, True)
    other = Door(door.running)
    request.parent = other.parent
    assert (await door.environments.CreateEnvironment(request)).name.startswith(other.parent)
    for call in (
        door.environments.DeleteEnvironment(
            messages.DeleteEnvironmentRequest(name=door.name(), request_id=request.request_id)
        ),
        door.environments.RetryEnvironment(
            messages.RetryEnvironmentRequest(name=door.name(), request_id=request.request_id)
        ),
    ):
        error = await refused(call)
        assert (error.code, error.reason, error.fields) == (INVALID, "REQUEST_ID_REUSED", {"request_id"})
    for wrong in ("1", str(uuid.uuid4()).replace("-", ""), f"{uuid.uuid4()}\n"):
        error = await refused(
            door.environments.DeleteEnvironment(messages.DeleteEnvironmentRequest(name=door.name(), request_id=wrong))
        )
        assert (error.code, error.reason, error.fields) == (INVALID, "REQUEST_ID_INVALID", {"request_id"})


async def test_a_delete_is_checked_without_being_done_and_is_done_once(door: Door) -> None:
    await door.create()
    before = await door.get()
    request = messages.DeleteEnvironmentRequest(name=door.name(), validate_only=True)
    checked = await door.environments.DeleteEnvironment(request)
    answered = environment_pb2.Environment()
    assert (checked.name, checked.done) == ("", True) and checked.response.Unpack(answered)
    assert answered.name == door.name() and await door.get() == before
    for validate_only in (True, False):
        stale = messages.DeleteEnvironmentRequest(name=door.name(), etag='"stale"', validate_only=validate_only)
        error = await refused(door.environments.DeleteEnvironment(stale))
        assert (error.code, error.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
        assert error.detail(error_details_pb2.ErrorInfo).metadata["etag"] == before.etag
    request = messages.DeleteEnvironmentRequest(name=door.name(), etag=before.etag, request_id=str(uuid.uuid4()))
    operation = await door.environments.DeleteEnvironment(request)
    # The etag has moved on, and yet a repeat of the same request is the same.
    assert (await door.environments.DeleteEnvironment(request)).name == operation.name
    joined = await door.environments.DeleteEnvironment(messages.DeleteEnvironmentRequest(name=door.name()))
    assert joined.name == operation.name and metadata_of(joined).verb == operation_pb2.VERB_DELETE
    superseded = await door.operation(before.operation)
    assert (superseded.done, superseded.error.code) == (True, grpc.StatusCode.CANCELLED.value[0])
    await door.stopped()
    await door.finish()
    gone = await door.get()
    assert gone.state == environment_pb2.ENVIRONMENT_STATE_DELETED and gone.HasField("delete_time")
    again = messages.DeleteEnvironmentRequest(name=door.name())
    assert (await refused(door.environments.DeleteEnvironment(again))).reason == "ENVIRONMENT_NOT_FOUND"
    # The name is free, and what it names then is another.
    await door.create()
    assert (await door.get()).uid != gone.uid


async def test_a_failure_is_told_whole_and_a_retry_goes_on_once(door: Door) -> None:
    created = await door.create()
    error = await refused(door.environments.RetryEnvironment(messages.RetryEnvironmentRequest(name=door.name())))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ENVIRONMENT_STATE_WRONG")
    assert error.detail(error_details_pb2.ErrorInfo).metadata["state"] == "PROVISIONING"
    assert error.detail(error_details_pb2.PreconditionFailure).violations[0].subject == door.name()
    await door.fail("QUOTA")
    failed = await door.get()
    assert failed.state == environment_pb2.ENVIRONMENT_STATE_FAILED
    assert (failed.failure.reason, failed.failure.remedy) == ("QUOTA", "Ask for more.")
    assert failed.failure.stage
    ended = await door.operation(created.name)
    told = failure_pb2.Failure()
    assert any(detail.Unpack(told) for detail in ended.error.details)
    assert (ended.done, ended.error.code) == (True, grpc.StatusCode.FAILED_PRECONDITION.value[0])
    assert told == failed.failure
    checked = messages.RetryEnvironmentRequest(name=door.name(), validate_only=True)
    assert (await door.environments.RetryEnvironment(checked)).name == ""
    stale = messages.RetryEnvironmentRequest(name=door.name(), etag='"stale"')
    assert (await refused(door.environments.RetryEnvironment(stale))).reason == "ETAG_MISMATCH"
    assert await door.get() == failed
    request = messages.RetryEnvironmentRequest(name=door.name(), etag=failed.etag, request_id=str(uuid.uuid4()))
    answers = await asyncio.gather(*(door.environments.RetryEnvironment(request) for _ in range(3)))
    assert len({answer.name for answer in answers}) == 1
    assert metadata_of(answers[0]).verb == operation_pb2.VERB_RETRY
    assert not (await door.get()).HasField("failure")
    await door.finish()
    done = await door.operation(answers[0].name)
    active = environment_pb2.Environment()
    assert done.response.Unpack(active) and active.state == environment_pb2.ENVIRONMENT_STATE_ACTIVE
    assert active == await door.get()


async def test_environments_are_listed_in_pages_that_cannot_be_forged(door: Door) -> None:
    for environment_id in ("a", "b", "c"):
        await door.create(environment_id)
    request = messages.ListEnvironmentsRequest(parent=door.parent, page_size=2)
    first = await door.environments.ListEnvironments(request)
    request.page_token = first.next_page_token
    second = await door.environments.ListEnvironments(request)
    listed = [environment.name for page in (first, second) for environment in page.environments]
    assert listed == [door.name("a"), door.name("b"), door.name("c")] and not second.next_page_token
    empty = await door.environments.ListEnvironments(messages.ListEnvironmentsRequest(parent=f"{door.parent}x"))
    assert empty == messages.ListEnvironmentsResponse()
    error = await refused(
        door.environments.ListEnvironments(messages.ListEnvironmentsRequest(parent=door.parent, page_size=-1))
    )
    assert (error.code, error.reason, error.fields) == (INVALID, "PAGE_SIZE_INVALID", {"page_size"})


async def test_a_watch_tells_the_present_state_of_what_it_is_narrowed_to(door: Door) -> None:
    for environment_id in ("a", "b"):
        await door.create(environment_id)
    request = messages.WatchEnvironmentsRequest(parent=door.parent, environment_id="b")
    call = door.environments.WatchEnvironments(request)
    async with asyncio.timeout(20):
        told = await call.read()
        assert (told.environment, told.resume_marker != "") == (await door.get("b"), True)
        await door.fail(environment_id="a")
        await door.fail(environment_id="b")
        changed = await call.read()
    call.cancel()
    assert (changed.environment.name, changed.operation.done) == (door.name("b"), True)
    request.resume_marker = told.resume_marker
    resumed = door.environments.WatchEnvironments(request)
    async with asyncio.timeout(20):
        assert await resumed.read() == changed
    resumed.cancel()
    request.environment_id = "*"
    error = await refused(door.environments.WatchEnvironments(request).read())
    assert (error.code, error.reason, error.fields) == (INVALID, "NAME_INVALID", {"environment_id"})


async def test_an_operation_that_is_deleted_leaves_its_environment_be(door: Door) -> None:
    operation = await door.create()
    await door.fail()
    request = operations_pb2.DeleteOperationRequest(name=operation.name)
    await door.operations.DeleteOperation(request)
    assert (await refused(door.operations.DeleteOperation(request))).reason == "OPERATION_NOT_FOUND"
    retried = await door.environments.RetryEnvironment(messages.RetryEnvironmentRequest(name=door.name()))
    await door.finish()
    assert (await door.operation(retried.name)).HasField("response")
