"""WatchEnvironments: the present state first, then every change, and no change twice or never."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import grpc
import pytest
import sqlalchemy as sa
from provisioning.environment.v1 import environment_pb2, environment_service_pb2

from services.environment_registry import tables
from services.environment_registry.changes_feed import ChangeFeed, Watcher, write_marker
from services.environment_registry.repository import changes, environments
from tests.integration.environment_registry.conftest import PATIENCE, Running, end
from tests.integration.environment_registry.errors import Refused, refused

pytestmark = pytest.mark.integration

Response = environment_service_pb2.WatchEnvironmentsResponse


def request(registry: Running, marker: str = "") -> environment_service_pb2.WatchEnvironmentsRequest:
    return environment_service_pb2.WatchEnvironmentsRequest(parent=registry.parent, resume_marker=marker)


async def read_until_active(registry: Running, marker: str = "") -> list[Response]:
    call = registry.environments.WatchEnvironments(request(registry, marker))
    seen = []
    async with asyncio.timeout(PATIENCE):
        async for response in call:
            seen.append(response)
            if response.environment.state == environment_pb2.ENVIRONMENT_STATE_ACTIVE:
                break
    call.cancel()
    return seen


async def test_the_present_state_comes_first_and_then_the_changes(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    operation = await registry.create()
    key = await registry.stages.requested("state_backend")
    call = registry.environments.WatchEnvironments(request(registry))
    first = await call.read()
    assert (first.environment.state, first.operation.name) == (
        environment_pb2.ENVIRONMENT_STATE_PROVISIONING,
        operation.name,
    )
    registry.stages.held = set()
    await registry.stages.succeed(key)
    versions = [first.environment.etag]
    async with asyncio.timeout(PATIENCE):
        while (change := await call.read()).environment.state != environment_pb2.ENVIRONMENT_STATE_ACTIVE:
            versions.append(change.environment.etag)
    assert change.operation.done
    call.cancel()
    numbers = [int(etag.strip('"').rpartition("-")[2]) for etag in versions]
    assert numbers == sorted(numbers)


async def test_a_marker_goes_on_behind_what_was_received(registry: Running) -> None:
    await registry.done(await registry.create())
    markers = await all_changes(registry)
    for index, marker in enumerate(markers[:-1]):
        seen = await read_until_active(registry, marker)
        assert [response.resume_marker for response in seen] == markers[index + 1 :]


async def all_changes(registry: Running) -> list[str]:
    async with registry.database.transaction() as connection:
        return [write_marker(change.position) for change in await changes.read_changes(connection, (0, 0), 1000)]


async def test_a_change_that_commits_late_is_not_skipped(registry: Running) -> None:
    """A transaction that began first and commits last must not be hidden by the ones that overtook it."""
    await registry.done(await registry.create())
    async with registry.database.transaction() as slow:
        await slow.execute(sa.text("SELECT pg_current_xact_id()"))
        before = len(await all_changes(registry))
        async with registry.database.transaction() as fast:
            await fast.execute(tables.changes.insert().from_select(_COLUMNS, _copy()))
        assert len(await all_changes(registry)) == before
        await slow.execute(tables.changes.insert().from_select(_COLUMNS, _copy()))
    assert len(await all_changes(registry)) == before + 2


async def test_what_is_committed_before_the_feed_comes_round_is_not_missed(registry: Running) -> None:
    """Between a watcher's own read and the feed's first one, however long that takes."""
    await registry.done(await registry.create())
    feed = ChangeFeed(registry.database)
    watch = feed.watch(registry.workspace, "", "")
    told = await anext(watch)
    async with registry.database.transaction() as connection:
        record = await environments.lock_newest(connection, registry.workspace, "one")
        assert record is not None
        await changes.write_change(connection, record, b"next", b"")
    running = asyncio.create_task(feed.run())
    try:
        async with asyncio.timeout(PATIENCE):
            change = await anext(watch)
    finally:
        await end([running])
    assert (change.uid, change.environment) == (told.uid, b"next")


_COLUMNS = ["transaction", "workspace", "environment_id", "uid", "version", "environment", "operation"]


def _copy() -> sa.Select[tuple[object, ...]]:
    copied = [tables.changes.c[name] for name in _COLUMNS[1:]]
    return sa.select(sa.text("pg_current_xact_id()::text::bigint"), *copied).limit(1)


async def test_pruned_and_malformed_markers_are_refused(registry: Running) -> None:
    await registry.done(await registry.create())
    first = (await all_changes(registry))[0]
    async with registry.database.transaction() as connection:
        await changes.prune_changes(connection, timedelta(0))
    error = await refused(registry.environments.WatchEnvironments(request(registry, first)).read())
    assert (error.code, error.reason) == (grpc.StatusCode.OUT_OF_RANGE, "RESUME_MARKER_PRUNED")
    error = await refused(registry.environments.WatchEnvironments(request(registry, "nonsense")).read())
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "RESUME_MARKER_INVALID")


async def test_a_slow_watcher_is_ended_after_what_it_had_queued() -> None:
    watcher = Watcher("w", "", capacity=2)
    told = [changes.Change((1, n), "w", "one", "e1", n, b"", b"") for n in range(3)]
    for change in told:
        watcher.offer(change)
    assert [await watcher.next(), await watcher.next()] == told[:2]
    with pytest.raises(Exception, match="WATCHER_TOO_SLOW"):
        await watcher.next()


async def test_a_client_that_does_not_read_is_ended(registry: Running) -> None:
    """Each change is large, so that grpc's flow control stops the server after a few."""
    await registry.done(await registry.create())
    call = registry.environments.WatchEnvironments(request(registry))
    await call.read()
    large = environment_pb2.Environment(name="x" * 100_000).SerializeToString()
    async with registry.database.transaction() as connection:
        record = await environments.lock_newest(connection, registry.workspace, "one")
        assert record is not None
        for _ in range(200):
            await changes.write_change(connection, record, large, b"")
    async with asyncio.timeout(PATIENCE):
        await next(iter(registry.feed.watchers)).too_slow.wait()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            while True:
                await call.read()
    assert Refused(caught.value).reason == "WATCHER_TOO_SLOW"
