"""What was done to states by hand, by whom and why, as rows. A record is written before its effect, or with it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database, insert_once
from services.state_backend_manager.tables import AUDIT_RECORDS

BEGUN, DONE = "BEGUN", "DONE"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act. `outcome` is BEGUN, DONE or a failure's reason; one that stays BEGUN was interrupted.

    `id` is 0 before it is recorded.
    """

    uid: str
    action: str
    author: str
    reason: str
    subject: str
    outcome: str = BEGUN
    detail: str = ""
    id: int = 0
    created_at: datetime | None = None

    def values(self) -> dict[str, object]:
        """What is recorded of it."""
        names = ("uid", "action", "author", "reason", "subject", "outcome", "detail")
        return {name: getattr(self, name) for name in names}


class AuditRepository:
    """Audit records of every backend; callers filter by workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, record: AuditRecord) -> int:
        """Records an act that is about to be done; answers its id."""
        return await insert_once(self._database, AUDIT_RECORDS, record.values())

    async def end(self, uid: str, identifier: int, outcome: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                AUDIT_RECORDS.update()
                .where(AUDIT_RECORDS.c.uid == uid, AUDIT_RECORDS.c.id == identifier)
                .values(outcome=outcome)
            )

        await self._database.run(work)

    async def page(self, uid: str, *, before: int | None, limit: int) -> list[AuditRecord]:
        """Records of a backend older than the one with id `before`, newest first."""
        query = sa.select(AUDIT_RECORDS).where(AUDIT_RECORDS.c.uid == uid)
        if before is not None:
            query = query.where(AUDIT_RECORDS.c.id < before)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.order_by(AUDIT_RECORDS.c.id.desc()).limit(limit))).all()
        return [AuditRecord(**dict(row._mapping)) for row in rows]
