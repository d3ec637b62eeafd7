"""The registry on real servers, and the stages as real workers with steps that do nothing outside."""

from collections.abc import AsyncIterator

import pytest

from libs.embedded.postgres import Postgres
from tests.integration.environment_registry.conftest import Running
from tests.integration.environment_registry.conftest import registry as registry
from tests.integration.environment_registry.conftest import workspace as workspace
from tests.integration.handovers.stages import Stages

__all__ = ["registry", "workspace"]


@pytest.fixture
async def stages(registry: Running, postgres: Postgres, nats_url: str) -> AsyncIterator[Stages]:
    """Real workers in place of the registry's played stages."""
    async with Stages.beside(registry, postgres, nats_url) as stages:
        yield stages
