"""A stage service of two steps on a real Postgres and a real nats-server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from provisioning.environment.v1.hand_over_pb2 import HandOver, StopRequested
from provisioning.state.v1.events_pb2 import StateBackendReady, StateBackendRequested

from libs.eventing import Bus, Consumer, Relay, enqueue, stage_request
from libs.eventing.subjects import REQUESTS_PREFIX, REQUESTS_STREAM
from libs.persistence import Database
from libs.stages import (
    AttemptRepository,
    Flow,
    HeldLease,
    LeaseLost,
    RequestConsumer,
    RetryPolicy,
    StageTables,
    Step,
    StepContext,
    Worker,
)
from libs.stages.cancellation import end_tasks
from libs.stages.log import LogReader

METADATA = sa.MetaData()
TABLES = StageTables.define(METADATA)


@dataclass
class FakeLeases:
    """Leases that never run out by themselves; `take_away` is what another owner would do."""

    fences: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)

    async def acquire(self, key: str, *, holder: str, run: str, seconds: float) -> HeldLease | None:
        if key in self.held:
            return None
        self.fences[key] = self.held[key] = self.fences.get(key, 0) + 1
        return HeldLease(key, self.held[key])

    async def renew(self, lease: HeldLease, *, holder: str, seconds: float) -> None:
        if self.held.get(lease.key) != lease.fence:
            raise LeaseLost(lease.key)

    async def release(self, lease: HeldLease, *, holder: str) -> None:
        if self.held.get(lease.key) == lease.fence:
            del self.held[lease.key]

    def take_away(self) -> None:
        self.held.clear()


@dataclass
class Stage:
    """One stage service in this process; `gate` holds its second step until it is opened."""

    database: Database
    repository: AttemptRepository
    relay: Relay
    bus: Bus
    leases: FakeLeases
    workspace: str
    ran: list[str] = field(default_factory=list)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Callable[[], Awaitable[None]] | None = None
    interruptible: bool = False
    context: StepContext | None = None
    """That of the second step, once it is entered."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def hand_over(self, operation: str = "op1", attempt: int = 1) -> HandOver:
        environment = f"workspaces/{self.workspace}/environments/one"
        return HandOver(environment=environment, uid="e1", operation=operation, stage="state_backend", attempt=attempt)

    async def ask(self, hand_over: HandOver) -> None:
        message = StateBackendRequested(hand_over=hand_over)
        await self._send(message, hand_over)

    async def ask_to_stop(self, hand_over: HandOver) -> None:
        await self._send(StopRequested(hand_over=hand_over, reason="a person asked"), hand_over)

    async def ask_to_stop_and_wait(self, hand_over: HandOver) -> None:
        """Returns once the running second step is told of it."""
        await self.ask_to_stop(hand_over)
        assert self.context is not None
        async with asyncio.timeout(20):
            await self.context.stopping()

    async def _send(self, message: StateBackendRequested | StopRequested, hand_over: HandOver) -> None:
        event = stage_request(
            message, stage="state_backend", environment=hand_over.environment, uid=hand_over.uid, traceparent=""
        )
        async with self.database.transaction() as connection:
            await enqueue(connection, TABLES.events, [event])
        self.relay.wake()

    async def first(self, context: StepContext) -> None:
        self.ran.append("first")
        await context.save(bucket="b")

    async def second(self, context: StepContext) -> None:
        self.ran.append("second")
        self.context = context
        self.entered.set()
        await self.gate.wait()
        if self.fault is not None:
            await self.fault()

    def start_worker(self, name: str) -> Worker:
        flow = Flow(
            StateBackendRequested.DESCRIPTOR.full_name,
            (
                Step("first", self.first),
                Step("second", self.second, retries=RetryPolicy(tries=2), interruptible=self.interruptible),
            ),
            lambda context: StateBackendReady(hand_over=context.request_as(StateBackendRequested).hand_over),
        )
        worker = Worker(
            self.repository,
            self.relay,
            self.leases,
            {flow.request_type: flow},
            service="test",
            area="state",
            holder=name,
            concurrency=2,
            lease_seconds=3.0,
        )
        consumer = Consumer(
            self.database,
            TABLES.events,
            self.bus,
            durable=f"test_{self.workspace}",
            stream=REQUESTS_STREAM,
            subjects=[f"{REQUESTS_PREFIX}.{self.workspace}.*.state_backend.>"],
            handler=RequestConsumer(self.repository, area="state").handle,
            after_commit=worker.wake,
        )
        self.tasks += [asyncio.create_task(consumer.run()), asyncio.create_task(worker.run())]
        return worker

    async def work_to(self, answer: str) -> None:
        """One worker, one request that nothing holds, and its answer."""
        self.gate.set()
        self.start_worker("a")
        await self.ask(self.hand_over())
        await self.until_answered(answer)

    async def logged(self, *, follow: bool = False) -> list[str]:
        """The environment's log lines, oldest first."""
        logs = LogReader(self.database, TABLES)
        return [line.text async for line in logs.read(self.workspace, "e1", after=0, follow=follow)]

    async def stop_workers(self) -> None:
        await end_tasks(self.tasks[1:])
        del self.tasks[1:]

    async def answers(self) -> list[str]:
        """Names of the events answered so far, in order."""
        outbox = TABLES.events.outbox
        query = (
            sa.select(outbox.c.subject).where(outbox.c.subject.like("provisioning.v1.%")).order_by(outbox.c.sequence)
        )
        async with self.database.transaction() as connection:
            return [subject.rsplit(".", 1)[1] for subject in (await connection.execute(query)).scalars()]

    async def until_answered(self, name: str, times: int = 1) -> None:
        async with asyncio.timeout(20):
            while (await self.answers()).count(name) < times:
                await asyncio.sleep(0.02)


@pytest.fixture
async def stage(postgres_url: str, nats_url: str) -> AsyncIterator[Stage]:
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    bus = await Bus.connect(nats_url, name="test")
    await bus.ensure_streams()
    relay = Relay(database, TABLES.events, bus, source="/test")
    workspace = "w" + postgres_url.split("://test_")[1].split(":")[0]
    repository = AttemptRepository(database, TABLES)
    stage = Stage(database, repository, relay, bus, FakeLeases(), workspace)
    stage.tasks.append(asyncio.create_task(relay.run()))
    yield stage
    stage.gate.set()
    await stage.stop_workers()
    await end_tasks(stage.tasks)
    await bus.close()
    await database.close()
