"""A Postgres that is restarted, can only be read for a while, or does what it is asked and cannot say so."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from google.longrunning.operations_pb2 import WaitOperationRequest

from libs.embedded.postgres import Postgres
from libs.stages.cancellation import end_tasks
from tests.conftest import free_port
from tests.integration.environment_registry.conftest import Running
from tests.integration.handovers.servers import PostgresServer
from tests.integration.handovers.stages import Stages

pytestmark = pytest.mark.integration

# Longer than a transaction of a client's is tried again.
AWHILE = 2.5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents[:2]):
        os.chmod(parent, 0o755)  # where the run is root's, Postgres is another user's
    postgres = Postgres(folder / "data", free_port(), secrets.token_hex(8))
    asyncio.run(postgres.initialize())
    server = PostgresServer(postgres, folder / "log")
    asyncio.run(server.start())
    yield server
    asyncio.run(server.end())


@pytest.fixture
def postgres(server: PostgresServer) -> Postgres:
    """In place of the server that the other tests share."""
    return server.postgres


@pytest.fixture
async def sweeping(registry: Running, stages: Stages) -> AsyncIterator[None]:
    sweep = asyncio.create_task(stages.sweep(registry).run())
    yield
    await end_tasks([sweep])


async def in_flow(registry: Running, stages: Stages) -> str:
    """The name of an operation that is under way; what it does takes longer than what is about to happen."""
    stages.step_seconds = 0.3
    operation = await registry.create()
    await registry.until(lambda found: any(one.stage == "deployment" for one in found.stages))
    return str(operation.name)


async def ends_well(registry: Running, stages: Stages, name: str) -> None:
    request = WaitOperationRequest(name=name)
    request.timeout.FromSeconds(60)
    ended = await registry.operations.WaitOperation(request)
    assert ended.HasField("response"), ended
    assert set(stages.ran.values()) == {1}, "a step was run twice"
    assert len(stages.ran) == 10


async def test_a_restart_in_mid_flow(registry: Running, stages: Stages, sweeping: None, server: PostgresServer) -> None:
    name = await in_flow(registry, stages)
    await server.end()
    await asyncio.sleep(AWHILE)
    await server.start()
    await ends_well(registry, stages, name)


async def test_a_failover_that_leaves_every_connection_read_only(
    registry: Running, stages: Stages, sweeping: None, server: PostgresServer
) -> None:
    name = await in_flow(registry, stages)
    async with server.read_only():
        await asyncio.sleep(AWHILE)
    await ends_well(registry, stages, name)


async def test_a_client_waits_out_a_short_one(registry: Running, stages: Stages, server: PostgresServer) -> None:
    async with server.read_only():
        creating = asyncio.create_task(registry.create())
        await asyncio.sleep(0.5)
        assert not creating.done()
    assert (await creating).name
