"""The lab of the crash tests: one platform for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.crash.lab import Lab, opened
from tests.e2e.conftest import open_to_all


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    async with opened(open_to_all(tmp_path_factory.mktemp("crash")), workers=3, lease_seconds=10) as lab:
        yield lab
