"""From a commit to a subscriber: how long an event takes through outbox, relay and stream."""

import asyncio
import os
import secrets
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from provisioning.environment.v1.events_pb2 import EnvironmentProgressed

from libs.embedded.postgres import Postgres
from libs.eventing import Bus, EventTables, Relay, enqueue, environment_event
from libs.eventing.subjects import EVENTS_PREFIX
from libs.persistence import Database
from libs.stages.cancellation import end_tasks
from tests.bench.figures import Figure
from tests.conftest import free_port
from tests.integration.handovers.servers import NatsServer, PostgresServer

_EVENTS = 300
_WARM_UP = 20
_PAUSE = 0.02
_ENVIRONMENT = "workspaces/bench-outbox/environments/one"


async def measure() -> list[Figure]:
    """On servers of its own, as the embedded platform has them; one process, events committed one after another."""
    with tempfile.TemporaryDirectory(prefix="bench-outbox-") as folder:
        os.chmod(folder, 0o755)  # Postgres is another user's where this is root's
        postgres = Postgres(Path(folder) / "data", free_port(), secrets.token_hex(8))
        await postgres.initialize()
        database, bus = PostgresServer(postgres, Path(folder) / "log"), NatsServer(Path(folder) / "store")
        await database.start()
        try:
            bus.start()
            await postgres.provision({"bench": "bench"}, afresh=False)
            return [await _measure(postgres.url("bench", "bench"), bus.url)]
        finally:
            bus.kill()
            await database.end()


async def _measure(postgres_url: str, nats_url: str) -> Figure:
    metadata = sa.MetaData()
    tables = EventTables.define(metadata)
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await connection.run_sync(metadata.create_all)
    bus, outside = await Bus.connect(nats_url, name="bench"), await Bus.connect(nats_url, name="bench-subscriber")
    await bus.ensure_streams()
    relay = Relay(database, tables, bus, source="/bench")
    arrived: dict[str, float] = {}

    async def listen() -> None:
        subscription = await outside.jetstream.subscribe(f"{EVENTS_PREFIX}.bench-outbox.>", ordered_consumer=True)
        async for message in subscription.messages:
            arrived[(message.headers or {})["ce-id"]] = time.perf_counter()

    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(listen())]
    committed: dict[str, float] = {}
    for number in range(_EVENTS):
        event = environment_event(
            EnvironmentProgressed(environment=_ENVIRONMENT), area="environment", environment=_ENVIRONMENT,
            uid=f"e{number % 20}", traceparent="",
        )  # fmt: skip
        async with database.transaction() as connection:
            await enqueue(connection, tables, [event])
        committed[event.id] = time.perf_counter()
        relay.wake()
        await asyncio.sleep(_PAUSE)
    async with asyncio.timeout(30):
        while len(arrived) < _EVENTS:
            await asyncio.sleep(0.05)
    await end_tasks(tasks)
    await bus.close()
    await outside.close()
    await database.close()
    waits = [arrived[one] - at for one, at in committed.items()]
    return _figure(sorted(waits[_WARM_UP:]))


def _figure(waits: list[float]) -> Figure:
    p50, p99 = (waits[int(len(waits) * share)] * 1000 for share in (0.5, 0.99))
    detail = f"p50 {p50:.1f} ms, longest {waits[-1] * 1000:.0f} ms of {len(waits)} events"
    return Figure("outbox to subscriber, p99", f"{p99:.0f} ms", "<= 50 ms", detail)
