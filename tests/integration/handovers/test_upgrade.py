"""What older releases left, caught in every state, goes on in this one. `releases/` is written by recording.py."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from google.longrunning import operations_pb2
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from provisioning.environment.v1 import environment_pb2, hand_over_pb2

from libs.eventing import Bus, Relay
from libs.persistence import Database
from libs.persistence.migrations import migrate
from libs.stages import AttemptRepository, AttemptState, Flow, Step, StepContext, Worker
from libs.stages.attempts import attempt_id
from libs.stages.cancellation import end_tasks
from services.environment_registry.tables import METADATA as REGISTRY
from tests.integration.environment_registry.conftest import Running, successes
from tests.integration.handovers.recording_stages import ROOT, WORK, Work, caught_in
from tests.integration.handovers.rows import Rows, load, read, revision
from tests.integration.handovers.stages import leases_in

pytestmark = pytest.mark.integration

RELEASES = sorted((Path(__file__).parent / "releases").iterdir())
ENDS = {
    "failing": "FAILED", "failed": "FAILED", "cancelling": "CANCELLED", "cancelled": "CANCELLED",
    "deleting-drain": "DELETED", "deleting-destroy": "DELETED", "deleting-release": "DELETED",
    "superseding": "DELETED", "deleted": "DELETED",
}  # fmt: skip
"""Where the environments of a recording come to, which say in their names what they were caught in; else ACTIVE."""


def carry(url: str, service: str, rows: Rows) -> None:
    """Makes the schema that the rows were in, writes them, and migrates to the present one."""
    metadata = REGISTRY if service == "environment_registry" else stage_tables(service).METADATA
    versions = ROOT / "services" / service / "migrations" / "versions"
    migrate(url, versions, metadata, to=revision(rows))

    async def write() -> None:
        database = Database(url)
        async with database.transaction() as connection:
            await load(connection, rows)
        await database.close()

    asyncio.run(write())
    migrate(url, versions, metadata)


def stage_tables(service: str):  # type: ignore[no-untyped-def]
    return importlib.import_module(f"services.{service}.tables")


def of_later_and_earlier(outbox: list[dict[str, str]]) -> None:
    """Messages also as they come from a neighbour of another release: a field that nobody here knows in every other
    one, and in the rest a part that is not there."""
    for number, row in enumerate(outbox):
        data = json.loads(row["data"])
        if number % 2:
            data["ofALaterRelease"] = {"x": [1]}
        else:
            data.pop("generation", None)
        row["data"] = json.dumps(data)


@pytest.fixture(params=RELEASES, ids=lambda folder: folder.name)
def release(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def rows(release: Path, postgres_url: str) -> Rows:
    """The registry's rows, in its database before it starts."""
    found = read(release / "environment_registry.json")
    of_later_and_earlier(found["outbox"])
    carry(postgres_url, "environment_registry", {**found})
    return found


@pytest.fixture
def workspace(rows: Rows) -> str:
    """The recording's, in place of one of the test's own."""
    name: str = rows["environments"][0]["workspace"]
    return name


async def test_environments_caught_in_every_state_go_on(rows: Rows, registry: Running) -> None:
    for row in rows["environments"]:
        await settled(registry, row["environment_id"])
    for row in rows["operations"]:
        operation = await registry.operations.GetOperation(
            operations_pb2.GetOperationRequest(name=f"{registry.parent}/operations/{row['id']}")
        )
        assert operation.done, operation


async def settled(registry: Running, name: str) -> None:
    wished = environment_pb2.EnvironmentState.Value(f"ENVIRONMENT_STATE_{ENDS.get(name, 'ACTIVE')}")
    async with asyncio.timeout(60):
        while (found := await registry.get(name)).state != wished:
            await registry.sweep.once()
            await asyncio.sleep(0.2)
    assert found.uid


def old_key(work: Work, caught: str) -> hand_over_pb2.HandOver:
    return hand_over_pb2.HandOver(
        environment=f"workspaces/old/environments/{caught}", uid=f"{caught}-uid", operation=f"op-{caught}",
        stage=work.stage, attempt=1,
    )  # fmt: skip


def flow_of(work: Work, ran: list[tuple[str, str]]) -> Flow:
    """The steps that the release had, each of which only tells that it ran."""

    def step(name: str) -> Step:
        async def run(context: StepContext) -> None:
            ran.append((context.attempt.id, name))

        return Step(name, run)

    def answer(context: StepContext) -> Message:
        return successes(context.request_as(work.request).hand_over)[-1]  # type: ignore[attr-defined]

    return Flow(work.request.DESCRIPTOR.full_name, tuple(map(step, work.steps)), answer)


@asynccontextmanager
async def working(
    service: str, url: str, nats_url: str, ran: list[tuple[str, str]]
) -> AsyncIterator[AttemptRepository]:
    database = Database(url)
    repository = AttemptRepository(database, stage_tables(service).STAGE_TABLES)
    bus = await Bus.connect(nats_url, name="test")
    relay = Relay(database, repository.tables.events, bus, source="/test")
    flows = {flow.request_type: flow for flow in (flow_of(work, ran) for work in WORK[service])}
    worker = Worker(
        repository, relay, await leases_in(database), flows, service=service, area="infra", holder="new", concurrency=8,
        lease_seconds=15,
    )  # fmt: skip
    task = asyncio.create_task(worker.run())
    yield repository
    await end_tasks([task])
    await bus.close()
    await database.close()


@pytest.mark.parametrize("service", sorted(WORK))
async def test_attempts_caught_in_every_state_go_on_at_their_step(
    release: Path, service: str, postgres_url: str, nats_url: str
) -> None:
    await asyncio.to_thread(carry, postgres_url, service, read(release / f"{service}.json"))
    ran: list[tuple[str, str]] = []
    async with working(service, postgres_url, nats_url, ran) as repository:
        # As the leases of the release's own workers run out by and by.
        async with repository.database.transaction() as connection:
            await connection.execute(
                repository.tables.attempts.update().values(heartbeat_at=sa.func.now() - sa.text("interval '1 hour'"))
            )
        async with asyncio.timeout(60):
            while await open_attempts(repository):
                await asyncio.sleep(0.05)
        for work in WORK[service]:
            for caught in caught_in(work.steps):
                await check(repository, work, caught, ran)


async def open_attempts(repository: AttemptRepository) -> int:
    attempts = repository.tables.attempts
    query = sa.select(sa.func.count()).where(attempts.c.state.in_(["REQUESTED", "RUNNING"]))
    async with repository.database.transaction() as connection:
        return await connection.scalar(query) or 0


async def check(repository: AttemptRepository, work: Work, caught: str, ran: list[tuple[str, str]]) -> None:
    key = old_key(work, caught)
    found = await repository.find(attempt_id(key.operation, key.stage, key.attempt))
    assert found is not None
    mine = [step for attempt, step in ran if attempt == found.id]
    if caught == "requested" or caught.startswith("running"):
        begun = int(caught.partition("-")[2] or 0)
        assert (found.state, mine) == (AttemptState.SUCCEEDED, list(work.steps[begun:])), caught
    else:
        state = {"stopping-0": "stopped"}.get(caught, caught)
        assert (found.state.value, mine) == (state.upper(), []), caught
    if caught != "requested":
        assert found.data == work.saved
    kind = GetMessageClass(Default().FindMessageTypeByName(found.request_type))
    assert kind is work.request
