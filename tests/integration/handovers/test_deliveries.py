"""Every event three times, shuffled, late or never: the environments come to the same end."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc.aio
import pytest
import sqlalchemy as sa
from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_pb2

from libs.stages.cancellation import end_tasks
from services.environment_registry.lifecycle.vector import MOVING
from services.environment_registry.repository import environments
from services.environment_registry.repository.vectors import vector_from_json
from services.environment_registry.tables import EVENTS
from services.environment_registry.tables import environments as rows
from tests.integration.environment_registry.conftest import Running
from tests.integration.handovers.postman import Postman
from tests.integration.handovers.stages import Stages

pytestmark = pytest.mark.integration

# More than a few for a search: HAND_OVER_SEEDS=100.
SEEDS = int(os.environ.get("HAND_OVER_SEEDS", "1"))
State = environment_pb2.EnvironmentState
TREATMENTS = {
    "three times, shuffled": Postman(1, copies=3, late=0.25),
    "lost": Postman(2, lost=0.3),
    "all of it": Postman(3, copies=3, late=0.25, lost=0.3),
}


@asynccontextmanager
async def treated(registry: Running, stages: Stages, postman: Postman) -> AsyncIterator[None]:
    postman.takes(registry.bus, *(stage.bus for stage in stages.by_area.values()))
    sweep = asyncio.create_task(stages.sweep(registry).run())
    try:
        yield
    finally:
        await end_tasks([sweep])
        await postman.home()


async def told_all(registry: Running, stages: Stages) -> None:
    """Returns once every outbox is empty."""
    query = sa.select(sa.func.count()).where(EVENTS.outbox.c.published_at.is_(None))
    async with asyncio.timeout(20):
        while True:
            async with registry.database.transaction() as connection:
                waiting = await connection.scalar(query)
            if not waiting and not await stages.unpublished():
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("treatment", TREATMENTS)
async def test_the_same_end(registry: Running, stages: Stages, treatment: str) -> None:
    postman = TREATMENTS[treatment]
    async with treated(registry, stages, postman):
        created = await registry.done(await registry.create())
        there = await registry.get()
        deleted = await registry.done(await registry.delete())
        await told_all(registry, stages)
    gone = environment_pb2.Environment()
    assert created.response.Unpack(there) and deleted.response.Unpack(gone)
    assert (there.state, gone.state) == (State.ENVIRONMENT_STATE_ACTIVE, State.ENVIRONMENT_STATE_DELETED)
    outputs = there.outputs
    assert (outputs.state_bucket, outputs.cluster_name, outputs.rds_endpoint, outputs.vpc_id, outputs.gateway_url) == (
        "bucket", "cluster", "db:5432", "vpc-1", "https://beta9",
    )  # fmt: skip
    assert [kept.resource for kept in gone.kept] == ["snapshot", "s3://bucket"]
    assert set(stages.ran.values()) == {1}, "a step was run twice"
    assert len(stages.ran) == 16
    assert postman.dropped > 0 or not postman.lost


async def wish(registry: Running, name: str, draw: random.Random) -> None:
    """One command that a person might give now; whether it is allowed is the registry's to say."""
    command = draw.choice(["delete", "retry", "cancel", "cancel"])
    try:
        if command == "delete":
            await registry.delete(name)
        elif command == "retry":
            await registry.retry(name)
        else:
            operation = (await registry.get(name)).operation
            await registry.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=operation))
    except grpc.aio.AioRpcError as error:
        assert error.code() in (
            grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ABORTED, grpc.StatusCode.NOT_FOUND,
        ), error  # fmt: skip


async def at_rest(registry: Running) -> dict[str, str]:
    """Waits until no environment moves and no stage is in flight; answers the courses by name."""
    query = sa.select(rows.c.environment_id, rows.c.vector).where(rows.c.workspace == registry.workspace)
    async with asyncio.timeout(40):
        while True:
            async with registry.database.transaction() as connection:
                found = [(row.environment_id, vector_from_json(row.vector)) for row in await connection.execute(query)]
            if not any(vector.course in MOVING or vector.busy for _, vector in found):
                return {name: vector.course.value for name, vector in found}
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_any_wishes_come_to_rest(registry: Running, stages: Stages, seed: int) -> None:
    draw = random.Random(seed)
    stages.step_seconds = 0.03
    names = [f"e{number}" for number in range(4)]
    async with treated(registry, stages, Postman(seed, copies=2, late=0.2, lost=0.2)):
        await asyncio.gather(*(registry.create(name) for name in names))
        for _ in range(12):
            await asyncio.sleep(draw.uniform(0, 0.4))
            await wish(registry, draw.choice(names), draw)
        courses = await at_rest(registry)
        assert set(courses.values()) <= {"active", "cancelled", "deleted", "failed"}
        for name, course in courses.items():
            if course != "deleted":
                await registry.done(await registry.delete(name))
        await told_all(registry, stages)
    async with registry.database.transaction() as connection:
        assert await environments.claim_overdue(connection, again_after=timedelta(0), limit=10) == []
    assert set((await at_rest(registry)).values()) == {"deleted"}
