"""The registry on real servers, and the stages as real workers with steps that do nothing outside."""

import gc
import warnings
from collections.abc import AsyncIterator, Iterator

import pytest

from libs.embedded.postgres import Postgres
from tests.integration.environment_registry.conftest import Running
from tests.integration.environment_registry.conftest import registry as registry
from tests.integration.environment_registry.conftest import workspace as workspace
from tests.integration.handovers.stages import Stages

__all__ = ["registry", "workspace"]


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """Connections that a test broke under their owner are collected with it, and not in the middle of another."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture
async def stages(registry: Running, postgres: Postgres, nats_url: str) -> AsyncIterator[Stages]:
    """Real workers in place of the registry's played stages."""
    async with Stages.beside(registry, postgres, nats_url) as stages:
        yield stages
