"""The registry on real servers, and the stages as real workers with steps that do nothing outside."""

import secrets
from collections.abc import AsyncIterator

import pytest

from libs.embedded.postgres import Postgres
from tests.integration.environment_registry.conftest import Running
from tests.integration.environment_registry.conftest import registry as registry
from tests.integration.environment_registry.conftest import workspace as workspace
from tests.integration.handovers.stages import AREAS, Stages

__all__ = ["registry", "workspace"]


@pytest.fixture
async def stages(registry: Running, postgres: Postgres, nats_url: str) -> AsyncIterator[Stages]:
    """Real workers in place of the registry's played stages."""
    registry.stages.held = {"stop", *(stage for area in AREAS.values() for stage in area)}
    roles = {f"{area}_{secrets.token_hex(4)}": secrets.token_hex(8) for area in AREAS}
    await postgres.provision(roles, afresh=False)
    urls = dict(zip(AREAS, (postgres.url(role, password) for role, password in roles.items()), strict=True))
    async with Stages.started(registry.workspace, urls, nats_url) as stages:
        yield stages
