"""Workers whose wall clock is an hour off: leases are by the database's clock alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from libs.persistence import Database
from libs.persistence.migrations import migrate
from libs.stages import LeaseLost
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.tables import METADATA

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
VERSIONS = ROOT / "services" / "state_backend_manager" / "migrations" / "versions"
HOUR = 3600


@asynccontextmanager
async def shifted(seconds: int, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    program = Path(__file__).with_name("shifted_worker.py")
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(program), str(seconds), url, f"shifted by {seconds}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={"PYTHONPATH": f"{ROOT}"},
    )  # fmt: skip
    try:
        yield child
    finally:
        child.kill()
        await child.communicate()


async def said(child: asyncio.subprocess.Process) -> str:
    assert child.stdout is not None
    async with asyncio.timeout(20):
        return (await child.stdout.readline()).decode().strip()


@pytest.fixture
async def leases(postgres_url: str) -> AsyncIterator[LeaseRepository]:
    await asyncio.to_thread(migrate, postgres_url, VERSIONS, METADATA)
    database = Database(postgres_url)
    yield LeaseRepository(database)
    await database.close()


@pytest.mark.parametrize("seconds", [-HOUR, HOUR])
async def test_a_wrong_clock_takes_nothing_that_is_held(
    leases: LeaseRepository, postgres_url: str, seconds: int
) -> None:
    held = await leases.acquire("key", holder="in time", run="r", seconds=30)
    assert held is not None
    async with shifted(seconds, postgres_url) as child:
        assert await said(child) == "none"
    await leases.renew(held, holder="in time", seconds=30)


@pytest.mark.parametrize("seconds", [-HOUR, HOUR])
async def test_a_wrong_clock_keeps_what_it_renews_and_nothing_longer(
    leases: LeaseRepository, postgres_url: str, seconds: int
) -> None:
    async with shifted(seconds, postgres_url) as child:
        assert await said(child) == "1"
        assert await leases.acquire("key", holder="in time", run="r", seconds=1) is None
        assert await said(child) == "renewed"
        async with asyncio.timeout(10):
            while (taken := await leases.acquire("key", holder="in time", run="r", seconds=30)) is None:
                await asyncio.sleep(0.1)
    assert taken.fence == 2
    with pytest.raises(LeaseLost):
        await leases.renew(type(taken)("key", 1), holder=f"shifted by {seconds}", seconds=1)
