"""State backends and their versions over gRPC: what each method answers."""

from __future__ import annotations

import grpc
import pytest
from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages

from services.state_backend_manager.repository import StateBackendRepository
from tests.contract.state_backend_manager.conftest import DIGEST, Served, recording
from tests.integration.environment_registry.errors import refused

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


async def test_a_backend_says_where_the_state_is_and_how_new(api: Served) -> None:
    name = await api.backend()
    request = messages.GetStateBackendRequest(name=name)
    found = await api.stub.GetStateBackend(request)
    assert found.create_time.ToSeconds() > 0
    found.ClearField("create_time")
    assert found == resources.StateBackend(
        name=name,
        environment=f"{api.parent}/environments/e1",
        location=resources.StateLocation(
            bucket="bucket", key=f"key/{api.uid()}", region="eu-west-1", kind=resources.STATE_STORE_KIND_S3
        ),
    )
    lease = await api.lease(name)
    for serial in (4, 5):
        await api.record(name, serial, fence=lease.fence)
    assert (await api.stub.GetStateBackend(request)).serial == 5
    await StateBackendRepository(api.database).release(api.uid())
    assert (await api.stub.GetStateBackend(request)).released


async def test_backends_are_listed_a_page_at_a_time_and_of_one_workspace(api: Served) -> None:
    names = [await api.backend(suffix) for suffix in ("a", "b", "c")]
    request = messages.ListStateBackendsRequest(parent=api.parent, page_size=2)
    first = await api.stub.ListStateBackends(request)
    request.page_token = first.next_page_token
    second = await api.stub.ListStateBackends(request)
    assert [[one.name for one in page.state_backends] for page in (first, second)] == [names[:2], names[2:]]
    assert first.next_page_token and not second.next_page_token
    whole = await api.stub.ListStateBackends(messages.ListStateBackendsRequest(parent=api.parent, page_size=3))
    assert len(whole.state_backends) == 3 and not whole.next_page_token
    coerced = messages.ListStateBackendsRequest(parent=api.parent, page_size=2**31 - 1)
    assert len((await api.stub.ListStateBackends(coerced)).state_backends) == 3
    other = await api.stub.ListStateBackends(messages.ListStateBackendsRequest(parent=f"{api.parent}-other"))
    assert other == messages.ListStateBackendsResponse()


async def test_versions_are_listed_the_newest_first(api: Served) -> None:
    name = await api.backend()
    lease = await api.lease(name)
    recorded = [await api.record(name, serial, fence=lease.fence) for serial in (1, 2, 3)]
    request = messages.ListStateVersionsRequest(parent=name, page_size=2)
    newer = await api.stub.ListStateVersions(request)
    request.page_token = newer.next_page_token
    older = await api.stub.ListStateVersions(request)
    assert [*newer.state_versions, *older.state_versions] == recorded[::-1]
    assert newer.next_page_token and not older.next_page_token
    empty = await api.backend("empty")
    listed = await api.stub.ListStateVersions(messages.ListStateVersionsRequest(parent=empty))
    assert listed == messages.ListStateVersionsResponse()


async def test_a_version_is_kept_as_it_was_shipped_and_a_repeat_answers_the_first(api: Served) -> None:
    name = await api.backend()
    lease = await api.lease(name)
    request = recording(name, 7, fence=lease.fence)
    request.state_version.name = "ignored"
    first = await api.stub.RecordStateVersion(request)
    assert first.name.startswith(f"{name}/stateVersions/")
    assert await api.stub.RecordStateVersion(request) == first
    sent, kept = request.state_version, resources.StateVersion.FromString(first.SerializeToString())
    for message in (sent, kept):
        message.ClearField("name")
        message.ClearField("create_time")
    assert kept == sent
    # The same serial with another content is another version: a state that Terraform rewrote.
    again = await api.stub.RecordStateVersion(recording(name, 7, fence=lease.fence, sha256="1" * 64))
    assert again.name != first.name


async def test_a_version_under_a_stale_fence_is_not_kept(api: Served) -> None:
    name = await api.backend()
    old = await api.lease(name)
    await api.stub.ReleaseLease(
        messages.ReleaseLeaseRequest(key=old.key, holder=old.holder, fence=old.fence)
    )  # fmt: skip
    new = await api.lease(name, holder="worker-2")
    for fence in (old.fence, 0, new.fence + 1):
        error = await refused(api.record(name, 1, fence=fence))
        assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "LEASE_LOST")
    assert not (await api.stub.ListStateVersions(messages.ListStateVersionsRequest(parent=name))).state_versions
    assert (await api.record(name, 1, fence=new.fence)).fence == new.fence


async def test_another_environments_lease_lets_no_stale_fence_in(api: Served) -> None:
    """Fences count from one for every lease, so that those of two environments are often equal."""
    ours, theirs = await api.backend("ours"), await api.backend("theirs")
    old = await api.lease(ours)
    await api.stub.ReleaseLease(messages.ReleaseLeaseRequest(key=old.key, holder=old.holder, fence=old.fence))
    await api.lease(ours, holder="worker-2")
    assert (await api.lease(theirs)).fence == old.fence
    request = recording(ours, 1, fence=old.fence)
    request.lease_key = f"{theirs}/infra-engine"
    error = await refused(api.stub.RecordStateVersion(request))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    assert error.fields == {"lease_key"}


async def test_every_bad_field_of_a_version_is_named_at_once(api: Served) -> None:
    name = await api.backend()
    lease = await api.lease(name)
    bad = recording(
        name, -1, fence=lease.fence, lineage="", run="a\0b", sha256=DIGEST * 10, size_bytes=-1, resources=-1
    )
    error = await refused(api.stub.RecordStateVersion(bad))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    assert error.fields == {
        f"state_version.{field}" for field in ("serial", "lineage", "run", "sha256", "size_bytes", "resources")
    }
