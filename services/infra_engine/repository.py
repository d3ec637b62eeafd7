"""The resource changes' SQL. Writers hold the attempt's fence: they run inside `StepContext.write` or `emit`."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database
from services.infra_engine.changes import Change, ChangeState, Intent, Progress
from services.infra_engine.tables import RESOURCE_CHANGES

_C = RESOURCE_CHANGES.c


class ChangeRepository:
    """Changes of this service's attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, connection: AsyncConnection, attempt: str, changes: Sequence[Change]) -> Progress:
        """Takes a plan in. One that goes on after a crash adds to what was planned before, and what was done stays."""
        start = await connection.scalar(
            sa.select(sa.func.coalesce(sa.func.max(_C.number), 0)).where(_C.attempt_id == attempt)
        )
        for number, change in enumerate(changes, start=(start or 0) + 1):
            planned = insert(RESOURCE_CHANGES).values(
                attempt_id=attempt,
                address=change.address,
                number=number,
                type=change.type,
                intent=change.intent.value,
                state=ChangeState.PLANNED.value,
            )
            again = planned.on_conflict_do_update(
                index_elements=["attempt_id", "address"],
                set_={"intent": change.intent.value, "state": ChangeState.PLANNED.value, "error": ""},
            )
            await connection.execute(again)
        return await self.progress(connection, attempt)

    async def update(self, connection: AsyncConnection, attempt: str, change: Change) -> None:
        """Writes how far one change has come."""
        await connection.execute(
            RESOURCE_CHANGES.update()
            .where(_C.attempt_id == attempt, _C.address == change.address)
            .values(
                state=change.state.value,
                resource_id=change.resource_id,
                error=change.error,
                started_at=change.started_at,
                ended_at=change.ended_at,
            )
        )

    async def progress(self, connection: AsyncConnection, attempt: str) -> Progress:
        done = sa.func.count().filter(_C.state == ChangeState.RECONCILED.value)
        query = sa.select(done, sa.func.count()).where(_C.attempt_id == attempt)
        row = (await connection.execute(query)).one()
        return Progress(row[0], row[1])

    async def progress_of(self, attempt: str) -> Progress:
        async with self._database.transaction() as connection:
            return await self.progress(connection, attempt)

    async def page(self, attempt: str, *, after: int, limit: int) -> list[Change]:
        """Changes of an attempt behind number `after`, in the order of the plan."""
        query = sa.select(RESOURCE_CHANGES).where(_C.attempt_id == attempt, _C.number > after)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.order_by(_C.number).limit(limit))).all()
        return [
            Change(
                row.address,
                Intent(row.intent),
                ChangeState(row.state),
                row.number,
                row.resource_id,
                row.error,
                row.started_at,
                row.ended_at,
            )
            for row in rows
        ]
