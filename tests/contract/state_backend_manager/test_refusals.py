"""What every method of StateBackendService refuses alike: names, workspaces, pages, and what it never tells."""

from __future__ import annotations

import base64
import secrets

import grpc
import pytest
import sqlalchemy as sa
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from provisioning.environment.v1 import failure_pb2
from provisioning.state.v1 import state_backend_service_pb2 as messages

from tests.contract.state_backend_manager.conftest import Served, recording
from tests.integration.environment_registry.errors import refused

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

BACKEND = "workspaces/acme/stateBackends/none"
LEASE = f"{BACKEND}/infra-engine"
VERSION = f"{BACKEND}/stateVersions/1"
# Each method, a request that is well formed, and the field that holds its name.
REQUESTS: list[tuple[str, Message, str]] = [
    ("GetStateBackend", messages.GetStateBackendRequest(name=BACKEND), "name"),
    ("ListStateBackends", messages.ListStateBackendsRequest(parent="workspaces/acme"), "parent"),
    ("ListStateVersions", messages.ListStateVersionsRequest(parent=BACKEND), "parent"),
    ("RecordStateVersion", recording(BACKEND, 1, fence=1), "parent"),
    ("RecordStateVersion", recording(BACKEND, 1, fence=1), "lease_key"),
    (
        "AcquireLease",
        messages.AcquireLeaseRequest(key=LEASE, holder="h", run="r", duration_milliseconds=1000),
        "key",
    ),
    ("RenewLease", messages.RenewLeaseRequest(key=LEASE, holder="h", fence=1, duration_milliseconds=1000), "key"),
    ("ReleaseLease", messages.ReleaseLeaseRequest(key=LEASE, holder="h", fence=1), "key"),
    ("GetLease", messages.GetLeaseRequest(key=LEASE), "key"),
    ("GetStateLock", messages.GetStateLockRequest(name=BACKEND), "name"),
    ("Unlock", messages.UnlockRequest(key=LEASE, reason="stuck"), "key"),
    ("Unlock", messages.UnlockRequest(key=BACKEND, reason="stuck", lock_id="1"), "key"),
    ("GetStateVersion", messages.GetStateVersionRequest(name=VERSION), "name"),
    ("CompareStateVersions", messages.CompareStateVersionsRequest(name=VERSION), "name"),
    ("RollBackState", messages.RollBackStateRequest(name=VERSION, reason="bad"), "name"),
    ("ListAuditRecords", messages.ListAuditRecordsRequest(parent=BACKEND), "parent"),
]
IDS = [f"{method}-{field}" for method, _, field in REQUESTS]


@pytest.mark.parametrize(("method", "request_", "field"), REQUESTS, ids=IDS)
async def test_a_malformed_name_is_refused_by_its_field(
    api: Served, method: str, request_: Message, field: str
) -> None:
    well = getattr(request_, field)
    for name in ("", "acme", f"{well}/", f"/{well}", f"{well}\n", well.replace("acme", "Acme"), well + "/x" * 3):
        wrong = type(request_).FromString(request_.SerializeToString())
        setattr(wrong, field, name)
        error = await refused(getattr(api.stub, method)(wrong))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID"), name
        assert error.fields == {field}


@pytest.mark.parametrize(("method", "request_", "field"), REQUESTS, ids=IDS)
async def test_another_workspace_is_forbidden_before_anything_is_looked_up(
    api: Served, method: str, request_: Message, field: str
) -> None:
    error = await refused(getattr(api.stub, method)(request_, metadata=(("x-workspaces", "one,two"),)))
    assert (error.code, error.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WORKSPACE_FORBIDDEN")
    told = error.detail(failure_pb2.Failure)
    assert (told.actor, told.retryable) == (failure_pb2.ACTOR_CUSTOMER, False)


async def test_what_is_unknown_is_not_found_by_name(api: Served) -> None:
    await api.backend()
    uid = api.uid()
    for name in (api.backend_name("none"), f"workspaces/other/stateBackends/{uid}"):
        for call in (
            api.stub.GetStateBackend(messages.GetStateBackendRequest(name=name)),
            api.stub.ListStateVersions(messages.ListStateVersionsRequest(parent=name)),
            api.stub.RecordStateVersion(recording(name, 1, fence=1)),
            api.stub.GetStateLock(messages.GetStateLockRequest(name=name)),
            api.stub.Unlock(messages.UnlockRequest(key=name, lock_id="1", reason="stuck")),
            api.stub.ListAuditRecords(messages.ListAuditRecordsRequest(parent=name)),
        ):
            error = await refused(call)
            assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "STATE_BACKEND_NOT_FOUND")
            assert error.detail(error_details_pb2.ResourceInfo).resource_name == name
            assert error.detail(failure_pb2.Failure).remedy
    key = f"{api.backend_name()}/never-taken"
    error = await refused(api.stub.GetLease(messages.GetLeaseRequest(key=key)))
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "LEASE_NOT_FOUND")
    assert error.detail(error_details_pb2.ResourceInfo).resource_name == key
    never = messages.RenewLeaseRequest(key=key, holder="h", fence=1, duration_milliseconds=1000)
    assert (await refused(api.stub.RenewLease(never))).reason == "LEASE_LOST"
    await api.stub.ReleaseLease(messages.ReleaseLeaseRequest(key=key, holder="h", fence=1))


def token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_pages_that_were_never_given_are_refused(api: Served) -> None:
    name = await api.backend()
    for size in (-1, -(2**31)):
        for call in (
            api.stub.ListStateBackends(messages.ListStateBackendsRequest(parent=api.parent, page_size=size)),
            api.stub.ListStateVersions(messages.ListStateVersionsRequest(parent=name, page_size=size)),
        ):
            error = await refused(call)
            assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_SIZE_INVALID")
            assert error.fields == {"page_size"}
    for forged in ("!!", "a", token("\0"), token("e1' OR true"), token("e" * 64)):
        request = messages.ListStateBackendsRequest(parent=api.parent, page_token=forged)
        error = await refused(api.stub.ListStateBackends(request))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"), forged
        assert error.fields == {"page_token"}
    for forged in ("!!", token("\0"), token("-1"), token("1.5"), token(str(2**63))):
        versions = messages.ListStateVersionsRequest(parent=name, page_token=forged)
        error = await refused(api.stub.ListStateVersions(versions))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"), forged


async def test_a_refusal_answers_the_callers_request_id(api: Served) -> None:
    request_id = secrets.token_hex(8)
    call = api.stub.GetLease(messages.GetLeaseRequest(key="x"), metadata=(("x-request-id", request_id),))
    error = await refused(call)
    assert error.detail(error_details_pb2.RequestInfo).request_id == request_id


async def test_a_fault_of_the_services_own_tells_nothing_of_its_inside(api: Served) -> None:
    """Neither the statement nor the schema nor what was asked for."""
    async with api.database.transaction() as connection:
        await connection.execute(sa.text("ALTER TABLE leases RENAME TO leases_away"))
    try:
        error = await refused(api.lease(api.backend_name(), holder="secret-holder"))
    finally:
        async with api.database.transaction() as connection:
            await connection.execute(sa.text("ALTER TABLE leases_away RENAME TO leases"))
    assert (error.code, error.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    told = error.status.SerializeToString()
    for inside in (b"leases", b"secret-holder", b"INSERT", b"sqlalchemy", b"asyncpg"):
        assert inside not in told
    assert (await api.lease(api.backend_name())).fence == 1
