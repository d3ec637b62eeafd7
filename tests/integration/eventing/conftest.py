"""An outbox, a relay and consumers on a real Postgres and a real nats-server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from provisioning.environment.v1.events_pb2 import EnvironmentProgressed

from libs.eventing import Bus, Consumer, EventTables, OutgoingEvent, Relay, enqueue, environment_event
from libs.eventing.subjects import EVENTS_PREFIX, EVENTS_STREAM
from libs.persistence import Database
from libs.stages.cancellation import end_tasks

METADATA = sa.MetaData()
TABLES = EventTables.define(METADATA)
EFFECTS = sa.Table("effects", METADATA, sa.Column("id", sa.BigInteger, sa.Identity()), sa.Column("event_id", sa.Text))
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass
class Line:
    """One service's end of the bus; `workspace` keeps the tests of a run apart."""

    database: Database
    bus: Bus
    relay: Relay
    workspace: str
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def environment(self) -> str:
        return f"workspaces/{self.workspace}/environments/dev"

    @property
    def subjects(self) -> str:
        return f"{EVENTS_PREFIX}.{self.workspace}.>"

    def event(self, uid: str = "e1") -> OutgoingEvent:
        message = EnvironmentProgressed(environment=self.environment)
        return environment_event(
            message, area="environment", environment=self.environment, uid=uid, traceparent=TRACEPARENT
        )

    async def put(self, *events: OutgoingEvent) -> None:
        async with self.database.transaction() as connection:
            await enqueue(connection, TABLES, events)
        self.relay.wake()

    def start_relay(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self.relay.run())
        self.tasks.append(task)
        return task

    def start_consumer(self, handler: Any) -> None:
        consumer = Consumer(
            self.database,
            TABLES,
            self.bus,
            durable=f"test_{self.workspace}",
            stream=EVENTS_STREAM,
            subjects=[self.subjects],
            handler=handler,
        )
        self.tasks.append(asyncio.create_task(consumer.run()))

    async def rows(self, query: sa.Select[Any]) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(query)).all())

    async def effects(self) -> list[str]:
        return [row.event_id for row in await self.rows(sa.select(EFFECTS.c.event_id).order_by(EFFECTS.c.id))]

    async def unpublished(self) -> int:
        return len(await self.rows(sa.select(TABLES.outbox.c.id).where(TABLES.outbox.c.published_at.is_(None))))

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not await condition():
                await asyncio.sleep(0.02)

    async def until_published(self) -> None:
        async def all_published() -> bool:
            return await self.unpublished() == 0

        await self.until(all_published)

    async def messages(self, expected: int) -> list[Any]:
        """What the stream holds of this workspace, which must be `expected` messages."""
        info = await self.bus.jetstream.stream_info(EVENTS_STREAM, subjects_filter=self.subjects)
        held = sum((info.state.subjects or {}).values())
        assert held == expected
        subscription = await self.bus.jetstream.subscribe(self.subjects, ordered_consumer=True)
        found = [await subscription.next_msg(timeout=5) for _ in range(expected)]
        await subscription.unsubscribe()
        return found


@pytest.fixture
async def line(postgres_url: str, nats_url: str) -> AsyncIterator[Line]:
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    bus = await Bus.connect(nats_url, name="test")
    await bus.ensure_streams()
    workspace = "w" + postgres_url.split("://test_")[1].split(":")[0]
    line = Line(database, bus, Relay(database, TABLES, bus, source="/provisioning/test"), workspace)
    yield line
    await end_tasks(line.tasks)
    await bus.close()
    await database.close()
