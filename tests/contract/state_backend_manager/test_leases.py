"""Leases over gRPC: what each method answers."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2
from provisioning.environment.v1 import failure_pb2
from provisioning.state.v1 import state_backend_service_pb2 as messages

from tests.contract.state_backend_manager.conftest import Served
from tests.integration.environment_registry.errors import refused

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


async def test_a_lease_is_answered_to_its_holder_again_and_to_whoever_asks(api: Served) -> None:
    name = api.backend_name()
    first = await api.lease(name)
    assert (first.key, first.holder, first.run, first.fence) == (f"{name}/infra-engine", "worker-1", "run-1", 1)
    assert 20_000 < first.remaining_milliseconds <= 30_000
    again = await api.lease(name)
    assert (again.fence, again.acquire_time) == (1, first.acquire_time)
    read = await api.stub.GetLease(messages.GetLeaseRequest(key=first.key))
    assert (read.holder, read.fence, read.acquire_time) == ("worker-1", 1, first.acquire_time)


@pytest.mark.parametrize(("holder", "run"), [("worker-2", "run-1"), ("worker-1", "run-2")])
async def test_a_held_lease_says_whose_it_is_and_when_to_ask_again(api: Served, holder: str, run: str) -> None:
    name = api.backend_name()
    held = await api.lease(name)
    error = await refused(api.lease(name, holder=holder, run=run))
    assert (error.code, error.reason) == (grpc.StatusCode.ABORTED, "LEASE_HELD")
    assert 20 < error.detail(error_details_pb2.RetryInfo).retry_delay.ToSeconds() <= 30
    told = error.detail(failure_pb2.Failure)
    assert (told.retryable, told.resource_address) == (True, held.key)
    assert "worker-1" in told.message


async def test_a_released_lease_is_the_next_ones_under_a_higher_fence(api: Served) -> None:
    name = api.backend_name()
    held = await api.lease(name)
    release = messages.ReleaseLeaseRequest(key=held.key, holder="worker-1", fence=held.fence)
    # Neither another's name nor another fence ends it.
    for holder, fence in (("worker-2", held.fence), ("worker-1", held.fence + 1)):
        wrong = messages.ReleaseLeaseRequest(key=held.key, holder=holder, fence=fence)
        assert await api.stub.ReleaseLease(wrong) == messages.ReleaseLeaseResponse()
        assert (await api.stub.GetLease(messages.GetLeaseRequest(key=held.key))).remaining_milliseconds > 20_000
    for _ in range(2):
        assert await api.stub.ReleaseLease(release) == messages.ReleaseLeaseResponse()
    assert (await api.stub.GetLease(messages.GetLeaseRequest(key=held.key))).remaining_milliseconds == 0
    assert (await api.lease(name, holder="worker-2")).fence == held.fence + 1


async def test_a_renewal_prolongs_and_a_stale_one_is_told_that_all_is_lost(api: Served) -> None:
    name = api.backend_name()
    held = await api.lease(name)
    renewal = messages.RenewLeaseRequest(
        key=held.key, holder=held.holder, fence=held.fence, duration_milliseconds=300_000
    )
    renewed = await api.stub.RenewLease(renewal)
    assert (renewed.fence, renewed.run) == (held.fence, "run-1")
    assert renewed.remaining_milliseconds > 290_000
    await api.stub.ReleaseLease(messages.ReleaseLeaseRequest(key=held.key, holder=held.holder, fence=held.fence))
    newer = await api.lease(name, holder="worker-2")
    stale = [renewal]
    for holder, fence in (("worker-1", newer.fence), ("worker-2", held.fence), ("worker-2", newer.fence + 1)):
        stale.append(messages.RenewLeaseRequest(key=held.key, holder=holder, fence=fence, duration_milliseconds=30_000))
    for request in stale:
        error = await refused(api.stub.RenewLease(request))
        assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "LEASE_LOST")
        violation = error.detail(error_details_pb2.PreconditionFailure).violations[0]
        assert (violation.type, violation.subject) == ("LEASE_LOST", held.key)
    assert (await api.stub.GetLease(messages.GetLeaseRequest(key=held.key))).holder == "worker-2"


async def test_of_many_at_once_one_gets_the_lease(api: Served) -> None:
    name = api.backend_name()
    asked = [api.lease(name, holder=f"worker-{number}") for number in range(10)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    codes = [one.code() for one in answers if isinstance(one, grpc.aio.AioRpcError)]
    assert codes == [grpc.StatusCode.ABORTED] * 9


@pytest.mark.parametrize("milliseconds", [-1, 0, 999, 300_001, 2**63 - 1])
async def test_a_duration_is_given_as_asked_or_refused(api: Served, milliseconds: int) -> None:
    """A holder that is given less than it believes to have would work on beside the next one."""
    key = f"{api.backend_name()}/infra-engine"
    held = await api.lease(api.backend_name())
    for call in (
        api.stub.AcquireLease(
            messages.AcquireLeaseRequest(key=key, holder="worker-1", run="run-1", duration_milliseconds=milliseconds)
        ),
        api.stub.RenewLease(
            messages.RenewLeaseRequest(key=key, holder="worker-1", fence=held.fence, duration_milliseconds=milliseconds)
        ),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
        assert error.fields == {"duration_milliseconds"}
    left = (await api.stub.GetLease(messages.GetLeaseRequest(key=key))).remaining_milliseconds
    assert 20_000 < left <= 30_000


async def test_who_asks_for_a_lease_must_say_so(api: Served) -> None:
    key = f"{api.backend_name()}/infra-engine"
    for holder, run, fields in (("", "", {"holder", "run"}), ("a\0", "run", {"holder"}), ("a", "r" * 513, {"run"})):
        request = messages.AcquireLeaseRequest(key=key, holder=holder, run=run, duration_milliseconds=1000)
        error = await refused(api.stub.AcquireLease(request))
        assert (error.code, error.reason, error.fields) == (
            grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID", fields,
        )  # fmt: skip
    for call in (
        api.stub.RenewLease(messages.RenewLeaseRequest(key=key, duration_milliseconds=1000)),
        api.stub.ReleaseLease(messages.ReleaseLeaseRequest(key=key)),
    ):
        assert (await refused(call)).fields == {"holder"}
