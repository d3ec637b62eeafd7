"""A nats-server that is ended, loses its store, and comes back, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import IncomingEvent
from libs.eventing.subjects import EVENTS_STREAM, REQUESTS_STREAM
from libs.stages.cancellation import end_tasks
from tests.integration.environment_registry.conftest import Running
from tests.integration.eventing.conftest import EFFECTS, Line
from tests.integration.eventing.conftest import line as line
from tests.integration.handovers.servers import NatsServer
from tests.integration.handovers.stages import Stages

pytestmark = pytest.mark.integration

RESTARTS = 50


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "store")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def nats_url(nats_server: NatsServer) -> str:
    """In place of the server that the other tests share."""
    return nats_server.url


@pytest.fixture
async def sweeping(registry: Running, stages: Stages) -> AsyncIterator[None]:
    sweep = asyncio.create_task(stages.sweep(registry).run())
    yield
    await end_tasks([sweep])


async def test_a_store_that_is_wiped_in_mid_flow(
    registry: Running, stages: Stages, sweeping: None, nats_server: NatsServer
) -> None:
    stages.step_seconds = 0.1
    operation = await registry.create()
    await registry.until(lambda found: any(one.stage == "deployment" for one in found.stages))

    await nats_server.restart(wiped=True)

    assert (await registry.done(operation)).HasField("response")
    assert set(stages.ran.values()) == {1}
    for stream in (EVENTS_STREAM, REQUESTS_STREAM):
        assert await registry.bus.jetstream.stream_info(stream)


async def test_fifty_restarts_under_load(line: Line, nats_server: NatsServer) -> None:
    sent: list[str] = []
    enough = asyncio.Event()

    async def load() -> None:
        while not enough.is_set():
            events = [line.event(f"e{number}") for number in range(2)]
            await line.put(*events)
            sent.extend(event.id for event in events)
            await asyncio.sleep(0.1)

    async def apply(connection: AsyncConnection, event: IncomingEvent) -> None:
        await connection.execute(EFFECTS.insert().values(event_id=event.id))

    line.start_relay()
    line.start_consumer(apply)
    loading = asyncio.create_task(load())
    try:
        for _ in range(RESTARTS):
            await nats_server.restart()
            before = await count(line)
            async with asyncio.timeout(10):
                while await count(line) <= before:
                    await asyncio.sleep(0.1)
    finally:
        enough.set()
        await loading

    await line.until_published()

    async def all_there() -> bool:
        return await count(line) >= len(sent)

    await line.until(all_there)
    effects = await line.effects()
    assert sorted(effects) == sorted(sent)
    assert len(set(effects)) == len(effects)


async def count(line: Line) -> int:
    ((number,),) = await line.rows(sa.select(sa.func.count()).select_from(EFFECTS))
    return int(number)
