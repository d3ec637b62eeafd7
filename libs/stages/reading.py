"""What is known of attempts: how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database
from libs.stages.attempts import Attempt, AttemptState, attempt_id
from libs.stages.failure_json import failure_from_json
from libs.stages.tables import StageTables


@dataclass(frozen=True, slots=True)
class StepTimes:
    """One step of an attempt, with its times."""

    step: str
    started_at: datetime
    ended_at: datetime | None
    retries: int = 0


class AttemptReader:
    """Attempts of one service, to be read."""

    def __init__(self, database: Database, tables: StageTables) -> None:
        self.database = database
        self.tables = tables
        self._attempts = tables.attempts
        self._steps = tables.steps

    async def find(self, identifier: str) -> Attempt | None:
        async with self.database.transaction() as connection:
            return await self.find_in(connection, identifier)

    async def find_in(self, connection: AsyncConnection, identifier: str, *, lock: bool = False) -> Attempt | None:
        query = sa.select(self._attempts).where(self._attempts.c.id == identifier)
        return next(iter(await self.read(connection, query.with_for_update() if lock else query)), None)

    async def latest(self, connection: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> Attempt | None:
        """The newest attempt that meets every condition, in the caller's transaction."""
        query = sa.select(self._attempts).where(*conditions).order_by(self._attempts.c.created_at.desc()).limit(1)
        return next(iter(await self.read(connection, query)), None)

    async def find_by_key(self, uid: str, operation: str, stage: str, number: int) -> Attempt | None:
        found = await self.find(attempt_id(operation, stage, number))
        return found if found is not None and found.uid == uid else None

    async def find_all(self, *conditions: sa.ColumnElement[bool], limit: int, offset: int = 0) -> list[Attempt]:
        """Attempts that meet every condition on `tables.attempts`, newest first."""
        query = (
            sa.select(self._attempts)
            .where(*conditions)
            .order_by(self._attempts.c.created_at.desc(), self._attempts.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        async with self.database.transaction() as connection:
            return await self.read(connection, query)

    async def read(self, connection: AsyncConnection, query: sa.Select[Any], **parameters: object) -> list[Attempt]:
        """The attempts that a query of `tables.attempts` gives, in its order, in the caller's transaction."""
        rows = (await connection.execute(query, parameters)).all()
        done = await self._steps_of(connection, [row.id for row in rows]) if rows else {}
        return [self._attempt(row, done.get(row.id, ())) for row in rows]

    async def steps(self, identifier: str) -> list[StepTimes]:
        query = sa.select(self._steps).where(self._steps.c.attempt_id == identifier)
        async with self.database.transaction() as connection:
            rows = (await connection.execute(query.order_by(self._steps.c.started_at))).all()
        return [StepTimes(row.step, row.started_at, row.ended_at, row.retries) for row in rows]

    async def answers(self, connection: AsyncConnection, identifier: str) -> list[tuple[str, str]]:
        """What an attempt has answered, as (type, JSON), in order."""
        found = await connection.scalar(sa.select(self._attempts.c.answers).where(self._attempts.c.id == identifier))
        return [(kind, data) for kind, data in found or []]

    async def _steps_of(self, connection: AsyncConnection, identifiers: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The steps completed, by attempt, in order."""
        query = (
            sa.select(self._steps.c.attempt_id, self._steps.c.step)
            .where(self._steps.c.attempt_id.in_(identifiers), self._steps.c.ended_at.is_not(None))
            .order_by(self._steps.c.ended_at)
        )
        found: dict[str, tuple[str, ...]] = {}
        for identifier, step in (await connection.execute(query)).tuples():
            found[identifier] = (*found.get(identifier, ()), step)
        return found

    @staticmethod
    def _attempt(row: Row[tuple[object, ...]], steps_done: tuple[str, ...]) -> Attempt:
        return Attempt(
            id=row.id,
            workspace=row.workspace,
            environment=row.environment,
            uid=row.uid,
            operation=row.operation,
            stage=row.stage,
            number=row.number,
            request_type=row.request_type,
            request=row.request,
            state=AttemptState(row.state),
            step=row.step,
            steps_done=steps_done,
            data=row.data,
            fence=row.fence,
            stop_reason=row.stop_reason,
            failure=None if row.failure is None else failure_from_json(row.failure),
            traceparent=row.traceparent,
            account=row.account,
            waiting_for=row.waiting_for,
            created_at=row.created_at,
            heartbeat_at=row.heartbeat_at,
            ended_at=row.ended_at,
        )
