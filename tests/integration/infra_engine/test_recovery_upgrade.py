"""Attempts of a release before the recovery do not say whether they began to change something: their step does."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.persistence import Database
from libs.persistence.migrations import migrate
from libs.stages import AttemptRepository
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.tables import METADATA, STAGE_TABLES
from tests.integration.handovers.rows import load, read, revision
from tests.integration.infra_engine.conftest import ROOT

pytestmark = pytest.mark.integration

RELEASE = ROOT / "tests/integration/handovers/releases/before_recovery/infra_engine.json"


@pytest_asyncio.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """What the release left, in the present schema."""
    rows, versions = read(RELEASE), ROOT / "services/infra_engine/migrations/versions"
    await asyncio.to_thread(migrate, postgres_url, versions, METADATA, to=revision(rows))
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await load(connection, rows)
    await asyncio.to_thread(migrate, postgres_url, versions, METADATA)
    yield database
    await database.close()


async def test_one_whose_changing_step_never_ended_was_broken(database: Database) -> None:
    attempts = await AttemptRepository(database, STAGE_TABLES).find_all(limit=100)
    assert len(attempts) > 20 and not any("apply_begun" in one.data for one in attempts)
    repository = ChangeRepository(database)
    found = {uid: await repository.last_begun(uid) for uid in sorted({one.uid for one in attempts})}
    # Its deployment was in the step `apply`, and later its destroy in `destroy`.
    assert {uid: one.id for uid, one in found.items() if one is not None} == {"running-4-uid": "op-running-4-destroy-1"}


async def test_what_an_attempt_says_itself_counts_before_its_steps(database: Database) -> None:
    repository, attempts = ChangeRepository(database), STAGE_TABLES.attempts
    older, newer = "op-running-4-deployment-1", "op-running-4-destroy-1"
    async with database.transaction() as connection:
        # A retry inherits what the attempt before it said, and has begun nothing itself.
        inherited = {"apply_begun": older, "apply_settled": None}
        await connection.execute(attempts.update().where(attempts.c.id == newer).values(data=inherited))
    found = await repository.last_begun("running-4-uid")
    assert found is not None and found.id == older
    async with database.transaction() as connection:
        own = {"apply_begun": newer}
        await connection.execute(attempts.update().where(attempts.c.id == newer).values(data=own))
    found = await repository.last_begun("running-4-uid")
    assert found is not None and found.id == newer
