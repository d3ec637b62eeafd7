"""What every method of the front door refuses alike: names, workspaces, and what it never tells."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import grpc
import grpc.aio
import pytest
import sqlalchemy as sa
from google.longrunning import operations_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from provisioning.environment.v1 import environment_pb2, failure_pb2
from provisioning.environment.v1 import environment_service_pb2 as messages

from tests.contract.environment_registry.conftest import Door
from tests.integration.environment_registry.conftest import document
from tests.integration.environment_registry.errors import refused

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

PARENT, NAME, OPERATION = "workspaces/acme", "workspaces/acme/environments/none", "workspaces/acme/operations/none"
SPEC = environment_pb2.Environment(spec=document())
# Each method, a request that is well formed, and the field that holds its name.
REQUESTS: list[tuple[str, Message, str]] = [
    ("IssueExternalId", messages.IssueExternalIdRequest(parent=PARENT), "parent"),
    (
        "CreateEnvironment",
        messages.CreateEnvironmentRequest(parent=PARENT, environment_id="none", environment=SPEC),
        "parent",
    ),
    ("GetEnvironment", messages.GetEnvironmentRequest(name=NAME), "name"),
    ("ListEnvironments", messages.ListEnvironmentsRequest(parent=PARENT), "parent"),
    (
        "RotateCredentials",
        messages.RotateCredentialsRequest(name=NAME, credentials=[messages.CREDENTIAL_POSTGRES_PASSWORD]),
        "name",
    ),
    ("DeleteEnvironment", messages.DeleteEnvironmentRequest(name=NAME), "name"),
    ("RetryEnvironment", messages.RetryEnvironmentRequest(name=NAME), "name"),
    ("WatchEnvironments", messages.WatchEnvironmentsRequest(parent=PARENT), "parent"),
    ("ApproveEnvironmentPlan", messages.ApproveEnvironmentPlanRequest(name=NAME), "name"),
    ("RejectEnvironmentPlan", messages.RejectEnvironmentPlanRequest(name=NAME), "name"),
    ("GetOperation", operations_pb2.GetOperationRequest(name=OPERATION), "name"),
    ("ListOperations", operations_pb2.ListOperationsRequest(name=PARENT), "name"),
    ("WaitOperation", operations_pb2.WaitOperationRequest(name=OPERATION), "name"),
    ("CancelOperation", operations_pb2.CancelOperationRequest(name=OPERATION), "name"),
    ("DeleteOperation", operations_pb2.DeleteOperationRequest(name=OPERATION), "name"),
]
IDS = [method for method, _, _ in REQUESTS]
UNKNOWN = ("GetEnvironment", "DeleteEnvironment", "RetryEnvironment")
UNKNOWN_OPERATION = ("GetOperation", "WaitOperation", "CancelOperation", "DeleteOperation")


def ask(door: Door, method: str, request: Message, **options: Any) -> Awaitable[Any]:
    """Call a method of either service; of a stream, read the first answer."""
    call = getattr(door.operations if method.endswith(("Operation", "Operations")) else door.environments, method)
    answer = call(request, **options)
    return answer.read() if isinstance(answer, grpc.aio.UnaryStreamCall) else answer  # type: ignore[no-any-return]


@pytest.mark.parametrize(("method", "request_", "field"), REQUESTS, ids=IDS)
async def test_a_malformed_name_is_refused_by_its_field(door: Door, method: str, request_: Message, field: str) -> None:
    well = getattr(request_, field)
    for name in ("", "acme", f"{well}/", f"/{well}", f"{well}\n", well.replace("acme", "Acme"), f"{well}/x/x"):
        wrong = type(request_).FromString(request_.SerializeToString())
        setattr(wrong, field, name)
        error = await refused(ask(door, method, wrong))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID"), name
        assert error.fields == {field}


@pytest.mark.parametrize(("method", "request_", "field"), REQUESTS, ids=IDS)
async def test_another_workspace_is_forbidden_before_anything_is_looked_up(
    door: Door, method: str, request_: Message, field: str
) -> None:
    error = await refused(ask(door, method, request_, metadata=(("x-workspaces", "one,two"),)))
    assert (error.code, error.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WORKSPACE_FORBIDDEN")
    told = error.detail(failure_pb2.Failure)
    assert (told.actor, told.retryable) == (failure_pb2.ACTOR_CUSTOMER, False)


async def test_updates_are_for_ones_own_workspace_and_by_name_too(door: Door) -> None:
    request = messages.UpdateEnvironmentRequest(environment=environment_pb2.Environment(name=NAME, spec=document()))
    error = await refused(ask(door, "UpdateEnvironment", request, metadata=(("x-workspaces", "one"),)))
    assert (error.code, error.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WORKSPACE_FORBIDDEN")
    request.environment.name = PARENT
    error = await refused(ask(door, "UpdateEnvironment", request))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID")
    assert error.fields == {"environment.name"}


@pytest.mark.parametrize(
    ("method", "request_", "field"),
    [one for one in REQUESTS if one[0] in UNKNOWN + UNKNOWN_OPERATION],
    ids=[method for method in IDS if method in UNKNOWN + UNKNOWN_OPERATION],
)
async def test_what_is_unknown_is_not_found_by_name(door: Door, method: str, request_: Message, field: str) -> None:
    await door.create()
    # What another workspace has is as unknown as what nobody has.
    own = (await door.get()).operation if method in UNKNOWN_OPERATION else door.name()
    for name in (getattr(request_, field), own.replace(door.workspace, "other")):
        asked = type(request_).FromString(request_.SerializeToString())
        setattr(asked, field, name)
        error = await refused(ask(door, method, asked))
        reason = "ENVIRONMENT_NOT_FOUND" if method in UNKNOWN else "OPERATION_NOT_FOUND"
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, reason)
        assert error.detail(error_details_pb2.ResourceInfo).resource_name == name
        assert error.detail(failure_pb2.Failure).remedy


async def test_what_this_release_does_not_have_says_so(door: Door) -> None:
    for method in ("ApproveEnvironmentPlan", "RejectEnvironmentPlan"):
        request = next(request for name, request, _ in REQUESTS if name == method)
        error = await refused(ask(door, method, request))
        assert (error.code, error.reason) == (grpc.StatusCode.UNIMPLEMENTED, "APPROVAL_NOT_SUPPORTED")
        assert error.detail(failure_pb2.Failure).remedy


async def test_a_fault_of_the_services_own_tells_nothing_of_its_inside(door: Door) -> None:
    async with door.running.database.transaction() as connection:
        await connection.execute(sa.text("ALTER TABLE operations RENAME TO operations_away"))
    try:
        metadata = (("x-request-id", "asked-42"),)
        error = await refused(door.environments.CreateEnvironment(door.creation("secret-name"), metadata=metadata))
    finally:
        async with door.running.database.transaction() as connection:
            await connection.execute(sa.text("ALTER TABLE operations_away RENAME TO operations"))
    assert (error.code, error.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert error.detail(error_details_pb2.RequestInfo).request_id == "asked-42"
    told = error.status.SerializeToString()
    for inside in (b"operations", b"secret-name", b"SELECT", b"INSERT", b"sqlalchemy", b"asyncpg", b"external_id"):
        assert inside not in told
    # Nothing of it was kept.
    found = await door.environments.ListEnvironments(messages.ListEnvironmentsRequest(parent=door.parent))
    assert not found.environments
