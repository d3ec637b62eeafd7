"""Leases by the database's clock, and what their fences keep out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2
from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1 import state_backend_service_pb2_grpc as service

from libs.grpckit import FixedPrincipals, Server, failure_from_error, open_channel
from libs.persistence import Database
from libs.stages import LeaseLost
from libs.stages.remote_leases import RemoteLeases
from services.state_backend_manager.api import StateBackendServicer
from services.state_backend_manager.audit_repository import AuditRepository
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.repository import StateBackendRecord, StateBackendRepository
from services.state_backend_manager.tables import METADATA
from services.state_backend_manager.versions import Stores

_KEY = "workspaces/acme/stateBackends/e1/infra-engine"
_BACKEND = "workspaces/acme/stateBackends/e1"


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    await database.close()


@pytest.fixture
async def leases(database: Database) -> LeaseRepository:
    return LeaseRepository(database)


@pytest.fixture
async def channel(database: Database) -> AsyncIterator[grpc.aio.Channel]:
    backends = StateBackendRepository(database)
    for uid in ("e1", "e2", "e3"):
        await backends.add(
            StateBackendRecord(
                uid, "acme", f"workspaces/acme/environments/{uid}", "b", f"k/{uid}", "us-east-1", False,
                datetime.now(UTC), 0,
            )
        )  # fmt: skip
    stores = Stores(path_style=True)
    servicer = StateBackendServicer(backends, LeaseRepository(database), AuditRepository(database), stores)
    server = Server(
        "127.0.0.1:0",
        ["provisioning.state.v1.StateBackendService"],
        lambda server: service.add_StateBackendServiceServicer_to_server(servicer, server),
        FixedPrincipals(),
    )
    await server.start()
    channel = open_channel(f"127.0.0.1:{server.port}")
    yield channel
    await channel.close()
    await server.stop(0)


async def test_one_holder_at_a_time_and_a_fence_that_rises(leases: LeaseRepository) -> None:
    first = await leases.take(_KEY, holder="a", run="r1", seconds=30)
    again = await leases.take(_KEY, holder="a", run="r1", seconds=30)
    assert first is not None and again is not None and (first.fence, again.fence) == (1, 1)
    assert await leases.take(_KEY, holder="b", run="r1", seconds=30) is None
    assert await leases.take(_KEY, holder="a", run="r2", seconds=30) is None
    held = await leases.acquire(_KEY, holder="a", run="r1", seconds=30)
    assert held is not None
    await leases.release(held, holder="b")
    assert await leases.take(_KEY, holder="b", run="r1", seconds=30) is None
    await leases.release(held, holder="a")
    second = await leases.take(_KEY, holder="b", run="r1", seconds=30)
    assert second is not None and second.fence == 2


async def test_twenty_ask_at_once_and_one_gets_it(leases: LeaseRepository) -> None:
    taken = await asyncio.gather(*(leases.take(_KEY, holder=f"h{n}", run="r", seconds=30) for n in range(20)))
    assert [record.fence for record in taken if record is not None] == [1]


async def test_a_lease_that_ran_out_goes_to_another_and_cannot_be_renewed(leases: LeaseRepository) -> None:
    held = await leases.acquire(_KEY, holder="a", run="r", seconds=0)
    assert held is not None
    with pytest.raises(LeaseLost):
        await leases.renew(held, holder="a", seconds=30)
    newer = await leases.acquire(_KEY, holder="b", run="r", seconds=30)
    assert newer is not None and newer.fence == held.fence + 1
    with pytest.raises(LeaseLost):
        await leases.renew(held, holder="a", seconds=30)
    await leases.release(held, holder="a")
    await leases.renew(newer, holder="b", seconds=30)


async def test_over_grpc_the_second_is_told_when_to_ask_again(channel: grpc.aio.Channel) -> None:
    remote, stub = RemoteLeases(channel), service.StateBackendServiceStub(channel)
    held = await remote.acquire(_KEY, holder="a", run="r", seconds=30)
    assert held is not None
    assert await remote.acquire(_KEY, holder="b", run="r", seconds=30) is None
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.AcquireLease(
            messages.AcquireLeaseRequest(key=_KEY, holder="b", run="r", duration_milliseconds=30000)
        )
    assert caught.value.code() is grpc.StatusCode.ABORTED
    trailing = dict(caught.value.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    retry = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(retry) for detail in status.details)
    assert 20 < retry.retry_delay.ToSeconds() <= 30
    await remote.release(held, holder="a")
    with pytest.raises(LeaseLost):
        await remote.renew(held, holder="a", seconds=30)


async def test_a_version_is_recorded_once_and_under_the_present_fence_alone(channel: grpc.aio.Channel) -> None:
    remote, stub = RemoteLeases(channel), service.StateBackendServiceStub(channel)
    old = await remote.acquire(_KEY, holder="a", run="r", seconds=30)
    assert old is not None
    version = resources.StateVersion(lineage="l", serial=7, sha256="s", object_version="v", run="r", fence=old.fence)
    request = messages.RecordStateVersionRequest(parent=_BACKEND, state_version=version, lease_key=_KEY)
    assert (await stub.RecordStateVersion(request)).name == (await stub.RecordStateVersion(request)).name
    await remote.release(old, holder="a")
    assert await remote.acquire(_KEY, holder="b", run="r", seconds=30) is not None
    request.state_version.serial = 8
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.RecordStateVersion(request)
    assert failure_from_error(caught.value).reason == "LEASE_LOST"
    listed = await stub.ListStateVersions(messages.ListStateVersionsRequest(parent=_BACKEND))
    assert [one.serial for one in listed.state_versions] == [7]
    assert (await stub.GetStateBackend(messages.GetStateBackendRequest(name=_BACKEND))).serial == 7


async def test_backends_come_in_pages_and_what_is_missing_is_typed(channel: grpc.aio.Channel) -> None:
    stub = service.StateBackendServiceStub(channel)
    request = messages.ListStateBackendsRequest(parent="workspaces/acme", page_size=2)
    first = await stub.ListStateBackends(request)
    request.page_token = first.next_page_token
    second = await stub.ListStateBackends(request)
    names = [one.name.rsplit("/", 1)[1] for one in (*first.state_backends, *second.state_backends)]
    assert (names, second.next_page_token) == (["e1", "e2", "e3"], "")
    for call, code, reason in (
        (
            stub.GetStateBackend(messages.GetStateBackendRequest(name="workspaces/other/stateBackends/e1")),
            grpc.StatusCode.NOT_FOUND,
            "STATE_BACKEND_NOT_FOUND",
        ),
        (stub.GetLease(messages.GetLeaseRequest(key=_KEY)), grpc.StatusCode.NOT_FOUND, "LEASE_NOT_FOUND"),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert (caught.value.code(), failure_from_error(caught.value).reason) == (code, reason)


async def test_a_version_page_token_of_no_page_is_the_caller_s_fault(channel: grpc.aio.Channel) -> None:
    stub = service.StateBackendServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.ListStateVersions(messages.ListStateVersionsRequest(parent=_BACKEND, page_token="YWJj"))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
