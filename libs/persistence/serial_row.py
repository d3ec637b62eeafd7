"""`SerialRow`: a row that the server numbers, written once although its transaction may be run again."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence.database import Database


class SerialRow:
    """One row to be, for the life of one call of `Database.run`.

    A transaction is run again when the answer to its commit was lost, and must find what it wrote. The server gives out
    an id once: a row that has the id of an earlier try is that try's, and proves that it was committed.

    Args:
        table: a table whose primary key is an identity column `id`.
    """

    def __init__(self, table: sa.Table) -> None:
        self._table = table
        self._id = 0

    async def is_there(self, connection: AsyncConnection) -> bool:
        """Whether an earlier try was committed."""
        present = sa.select(self._table.c.id).where(self._table.c.id == self._id)
        return bool(self._id) and await connection.scalar(present) is not None

    async def insert(self, connection: AsyncConnection, values: Mapping[str, object]) -> int:
        """Writes the row unless it is there; answers its id."""
        if not await self.is_there(connection):
            new = self._table.insert().values(**values).returning(self._table.c.id)
            self._id = int(await connection.scalar(new) or 0)
        return self._id


async def insert_once(
    database: Database, table: sa.Table, values: Mapping[str, object], *, attempts: int | None = 5
) -> int:
    """Writes one row in a transaction of its own, tried as `Database.run` does; answers its id."""
    row = SerialRow(table)
    return await database.run(lambda connection: row.insert(connection, values), attempts=attempts)
