"""The platform of the end-to-end tests: all processes of it, real ones, in a folder of the run."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from libs.embedded.platform import Platform
from libs.embedded.specs import CHARTS
from tests.e2e.client import Client, connected
from tests.e2e.customer import Customer

SMALL = {
    "PROVISIONING_STACKS": "whole=tests.e2e.stacks.whole:WHOLE",
    "PROVISIONING_STACK": "whole",
    "PROVISIONING_LEASE_SECONDS": "6",
    "PROVISIONING_DRAIN_SECONDS": "8",
    "PROVISIONING_OVERDUE_SECONDS": "4",
    "PROVISIONING_SILENT_SECONDS": "8",
    "PROVISIONING_SWEEP_SECONDS": "1",
    "PROVISIONING_GATEWAY_DEADLINE_SECONDS": "25",
    # A connection that ends as it is used again is tried once more; what AWS refuses is not.
    "PROVISIONING_AWS_MAX_RETRIES": "3",
}
_accounts = itertools.count(300000000001)


def open_to_all(folder: Path) -> Path:
    """Postgres runs as another user where the run is root's, so the way to its data must be open."""
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's charts, for tests to break and mend."""
    return Path(shutil.copytree(CHARTS, tmp_path_factory.mktemp("charts") / "charts"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def small(tmp_path_factory: pytest.TempPathFactory, charts: Path) -> AsyncIterator[Platform]:
    """A platform that builds the small stack, with short leases."""
    state = open_to_all(tmp_path_factory.mktemp("small"))
    extra = {**SMALL, "PROVISIONING_CHARTS_DIR": str(charts)}
    async with Platform(state, ports="auto", extra=extra) as platform:
        yield platform


@pytest_asyncio.fixture(loop_scope="session")
async def client(small: Platform) -> AsyncIterator[Client]:
    async with connected(small.endpoints.environment_registry) as client:
        yield client


@pytest.fixture
def account(small: Platform) -> Callable[[], Customer]:
    """Makes customers, each with an account of their own and no role in it yet."""
    assert small.endpoints.sandbox is not None
    sandbox = small.endpoints.sandbox
    return lambda: Customer(sandbox, str(next(_accounts)))


@pytest_asyncio.fixture(loop_scope="session")
async def customer(account: Callable[[], Customer], client: Client) -> Customer:
    """A customer whose role trusts the platform."""
    made = account()
    await made.onboard(await client.external_id())
    return made
