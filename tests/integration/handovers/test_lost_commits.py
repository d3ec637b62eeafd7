"""Transactions that were committed, and whose client never heard of it: done again, they do nothing twice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import grpc.aio
import pytest
from google.longrunning import operations_pb2

from libs.embedded.postgres import Postgres
from libs.stages.cancellation import end_tasks
from tests.integration.environment_registry.conftest import Running
from tests.integration.handovers.cutting import CuttingProxy
from tests.integration.handovers.stages import Stages

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def short_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that does not know what it has claimed leaves that alone until the claim is over."""
    monkeypatch.setattr("libs.eventing.relay._CLAIM", 1.0)


@pytest.fixture
async def proxy(postgres: Postgres) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(postgres.port, seed=1)
    async with proxy.serving():
        yield proxy


@pytest.fixture
async def postgres_url(postgres: Postgres, proxy: CuttingProxy) -> str:
    """A schema of the test's own, through the proxy."""
    role, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(8)
    await postgres.provision({role: password}, afresh=False)
    return replace(postgres, port=proxy.port).url(role, password)


@pytest.fixture
async def stages(registry: Running, postgres: Postgres, proxy: CuttingProxy, nats_url: str) -> AsyncIterator[Stages]:
    async with Stages.beside(registry, replace(postgres, port=proxy.port), nats_url) as stages:
        yield stages


async def test_a_flow_in_which_one_commit_in_twenty_is_not_answered(
    registry: Running, stages: Stages, proxy: CuttingProxy
) -> None:
    sweep = asyncio.create_task(stages.sweep(registry).run())
    operation = await registry.create()
    proxy.cut = 0.05
    try:
        ended = await ended_in_the_end(registry, operation.name)
    finally:
        proxy.cut = 0.0
        await end_tasks([sweep])
    assert ended.HasField("response"), ended
    assert proxy.cuts >= 3
    assert set(stages.ran.values()) == {1}, "a step was run twice"
    for stage in stages.by_area.values():
        for attempt in await stage.repository.find_all(limit=10):
            async with stage.database.transaction() as connection:
                answers = await stage.repository.answers(connection, attempt.id)
                assert len(answers) == len({kind for kind, _ in answers}), answers


async def ended_in_the_end(registry: Running, name: str) -> operations_pb2.Operation:
    """As a client waits that tries again what it is told to try again."""
    async with asyncio.timeout(60):
        while True:
            with suppress(grpc.aio.AioRpcError):
                found = await registry.operations.GetOperation(operations_pb2.GetOperationRequest(name=name))
                if found.done:
                    return found
            await asyncio.sleep(0.2)
