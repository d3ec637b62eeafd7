"""The stage services in this process: real inboxes, attempts, workers and outboxes; their steps only count."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from google.protobuf.message import Message
from provisioning.bootstrap.v1 import events_pb2 as bootstrap
from provisioning.environment.v1 import hand_over_pb2
from provisioning.infra.v1 import events_pb2 as infra
from provisioning.state.v1 import events_pb2 as state

from libs.embedded.postgres import Postgres
from libs.eventing import Bus, Consumer, Relay
from libs.eventing.subjects import REQUESTS_PREFIX, REQUESTS_STREAM
from libs.persistence import Database
from libs.stages import AttemptRepository, Flow, LeasePort, RequestConsumer, StageTables, Step, StepContext
from libs.stages import Worker as StageWorker
from libs.stages.cancellation import end_tasks
from libs.stages.rendering import hand_over_of
from services.environment_registry.hand_overs import SERVICE_OF
from services.environment_registry.sweep import Progress, Standing, Sweep
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.tables import LEASES
from tests.integration.environment_registry.conftest import Running, successes

METADATA = sa.MetaData()
TABLES = StageTables.define(METADATA)
AREAS = {
    "infra": ("preflight", "deployment", "destroy"),
    "state": ("state_backend", "release"),
    "bootstrap": ("baseline", "beta9", "drain"),
}
_AREA_OF = {"infra_engine": "infra", "state_backend_manager": "state", "cluster_bootstrapper": "bootstrap"}
_REQUESTS: tuple[type[Message], ...] = (
    infra.PreflightRequested, infra.DeploymentRequested, infra.DestroyRequested, state.StateBackendRequested,
    state.ReleaseRequested, bootstrap.BootstrapRequested, bootstrap.DrainRequested,
)  # fmt: skip
_MILESTONES = (infra.ClusterAvailable, infra.BackendsAvailable)


async def leases_in(database: Database) -> LeasePort:
    """The state manager's leases, in a schema that need not be its own."""
    async with database.transaction() as connection:
        await connection.run_sync(LEASES.create, checkfirst=True)
    return LeaseRepository(database)


@dataclass
class Stage:
    """One stage service; the port of the registry's sweep to it."""

    database: Database
    bus: Bus
    repository: AttemptRepository

    async def progress(self, key: hand_over_pb2.HandOver) -> Progress | None:
        found = await self.repository.find_by_key(key.uid, key.operation, key.stage, key.attempt)
        if found is None:
            return Progress(Standing.UNKNOWN)
        return Progress(Standing.ANSWERED if found.state.ended else Standing.OPEN, found.heartbeat_at)


@dataclass
class Stages:
    """All three stage services."""

    by_area: dict[str, Stage] = field(default_factory=dict)
    ran: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each step of each attempt was run to its end."""
    step_seconds: float = 0.0

    @classmethod
    @asynccontextmanager
    async def beside(cls, registry: Running, postgres: Postgres, nats_url: str) -> AsyncIterator[Stages]:
        """Started in place of a registry's played stages, each with a schema of its own."""
        registry.stages.held = {"stop", *(stage for stages in AREAS.values() for stage in stages)}
        roles = {f"{area}_{secrets.token_hex(4)}": secrets.token_hex(8) for area in AREAS}
        await postgres.provision(roles, afresh=False)
        urls = dict(zip(AREAS, (postgres.url(role, password) for role, password in roles.items()), strict=True))
        async with cls.started(registry.workspace, urls, nats_url) as stages:
            yield stages

    @classmethod
    @asynccontextmanager
    async def started(cls, workspace: str, urls: Mapping[str, str], nats_url: str) -> AsyncIterator[Stages]:
        stages = cls()
        async with AsyncExitStack() as stack:
            tasks: list[asyncio.Task[None]] = []
            for area, url in urls.items():
                database = Database(url, pool_size=3)
                stack.push_async_callback(database.close)
                async with database.transaction() as connection:
                    await connection.run_sync(METADATA.create_all)
                bus = await Bus.connect(nats_url, name=area)
                stack.push_async_callback(bus.close)
                tasks += stages._start(area, workspace, database, await leases_in(database), bus)
            stack.push_async_callback(end_tasks, tasks)
            yield stages

    def _start(
        self, area: str, workspace: str, database: Database, leases: LeasePort, bus: Bus
    ) -> list[asyncio.Task[None]]:
        repository = AttemptRepository(database, TABLES)
        relay = Relay(database, TABLES.events, bus, source=f"/test/{area}")
        flows = {one.DESCRIPTOR.full_name: self._flow(one) for one in _REQUESTS}
        worker = StageWorker(
            repository, relay, leases, flows, service=area, area=area, holder=area, concurrency=8, lease_seconds=15
        )  # fmt: skip

        def wake() -> None:
            relay.wake()
            worker.wake()

        consumer = Consumer(
            database, TABLES.events, bus, durable=f"{area}_{workspace}", stream=REQUESTS_STREAM,
            subjects=[f"{REQUESTS_PREFIX}.{workspace}.*.{stage}.>" for stage in AREAS[area]],
            handler=RequestConsumer(repository, area=area).handle, after_commit=wake,
        )  # fmt: skip
        self.by_area[area] = Stage(database, bus, repository)
        return [asyncio.create_task(work) for work in (relay.run(), consumer.run(), worker.run())]

    def _flow(self, request: type[Message]) -> Flow:
        async def first(context: StepContext) -> None:
            await asyncio.sleep(self.step_seconds)
            self.ran[context.attempt.id, "first"] += 1

        async def second(context: StepContext) -> None:
            for message in successes(hand_over_of(context.attempt))[:-1]:
                await context.emit(message, answer=isinstance(message, _MILESTONES))
            await asyncio.sleep(self.step_seconds)
            self.ran[context.attempt.id, "second"] += 1

        def answer(context: StepContext) -> Message:
            answer = successes(hand_over_of(context.attempt))[-1]
            if isinstance(answer, infra.DeploymentApplied):
                # As the engine does: all that is known by then, what the milestones told included.
                for message in successes(hand_over_of(context.attempt)):
                    if isinstance(message, _MILESTONES):
                        answer.outputs.MergeFrom(message.outputs)
            return answer

        return Flow(request.DESCRIPTOR.full_name, (Step("first", first), Step("second", second)), answer)

    def sweep(self, registry: Running) -> Sweep:
        """The registry's sweep, at these stages, which is never patient."""
        ports = {service: self.by_area[_AREA_OF[service]] for service in set(SERVICE_OF.values())}
        return Sweep(
            registry.database, ports, wake=registry.relay.wake, every=0.25, again_after=timedelta(seconds=0.25),
            silent_after=timedelta(seconds=20),
        )  # fmt: skip

    async def unpublished(self) -> int:
        """Events that wait in the stages' outboxes."""
        outbox = TABLES.events.outbox
        query = sa.select(sa.func.count()).where(outbox.c.published_at.is_(None))
        waiting = 0
        for stage in self.by_area.values():
            async with stage.database.transaction() as connection:
                waiting += await connection.scalar(query) or 0
        return waiting
