"""`FairQueue`: whose turn it is. Everything is decided in the database, so that several workers share the limits.

Accounts take turns: an attempt's turn is its place among those of its account, counted behind the ones that run. Within
a turn the oldest comes first. No account has more runs at once than its limit, whatever is free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.stages.attempts import OPEN_STATES, Attempt, AttemptState
from libs.stages.repository import AttemptRepository


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may run at once in all workers of a service together; 0 is no limit.

    Attributes:
        account_runs: runs in one AWS account. Requests that enter no account are not counted.
        runs: runs altogether.
        stale_seconds: how old a heartbeat may be before its run is taken for dead.
    """

    account_runs: int = 0
    runs: int = 0
    stale_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an attempt stands: its place from 1 while no worker has it, else 0; and what it waits for."""

    position: int
    waiting_for: str


class FairQueue:
    """The open attempts of one service that no living worker has."""

    def __init__(self, repository: AttemptRepository, limits: Limits) -> None:
        self._repository = repository
        self._attempts = repository.tables.attempts
        self._limits = limits
        # Built once: to build it costs more than to run it, and idle workers ask again and again.
        self._order = self._ordered()

    async def due(self, *, limit: int) -> list[Attempt]:
        """Those whose turn it is, in order; none of an account that has all its runs."""
        async with self._repository.database.reading() as connection:
            if self._limits.runs and await self._running(connection) >= self._limits.runs:
                return []
            return await self._repository.read(connection, self._due, most=limit)

    @cached_property
    def _due(self) -> sa.Select[Any]:
        order = self._order
        query = sa.select(self._attempts).join(order, order.c.id == self._attempts.c.id)
        query = query.order_by(order.c.turn, order.c.created_at, order.c.id).limit(sa.bindparam("most"))
        if self._limits.account_runs:
            query = query.where(sa.or_(order.c.account == "", order.c.turn <= self._limits.account_runs))
        return query

    async def claim(self, attempt: Attempt, *, fence: int, holder: str) -> Attempt | None:
        """Takes it under a newer fence; None when another has it, it has ended, or a limit is reached by now."""

        async def admit(connection: AsyncConnection) -> bool:
            # One claim at a time in the schema: two workers must not both take the last place.
            await connection.execute(
                sa.text("select pg_advisory_xact_lock(hashtext('stages.claim'), hashtext(current_schema()))")
            )
            # Our own claim may be there already: the transaction is run again when the answer to its commit was lost.
            others = sa.not_(self._repository.claimed_by(holder, fence))
            if await self._running(connection, None, self._attempts.c.id == attempt.id, others):
                return False
            account_runs, runs = self._limits.account_runs, self._limits.runs
            here = self._attempts.c.account == attempt.account
            if account_runs and attempt.account and await self._running(connection, attempt, here) >= account_runs:
                return False
            return not runs or await self._running(connection, attempt) < runs

        return await self._repository.claim(attempt.id, fence=fence, holder=holder, admit=admit)

    async def mark(self, attempts: Sequence[Attempt], waiting_for: str) -> None:
        """Notes why these are not taken up, for who asks."""
        stale = [attempt.id for attempt in attempts if attempt.waiting_for != waiting_for]
        if not stale:
            return
        table = self._attempts
        async with self._repository.database.transaction() as connection:
            await connection.execute(
                table.update()
                .where(table.c.id.in_(stale), sa.not_(self._alive()), table.c.state.in_(OPEN_STATES))
                .values(waiting_for=waiting_for)
            )

    async def standing(self, attempt: Attempt) -> Standing:
        """Where an attempt stands now."""
        if attempt.state.ended:
            return Standing(0, "")
        order = self._order
        async with self._repository.database.transaction() as connection:
            mine = (await connection.execute(sa.select(order).where(order.c.id == attempt.id))).first()
            if mine is None:  # a worker has it
                return Standing(0, attempt.waiting_for)
            before = await connection.scalar(
                sa.select(sa.func.count())
                .select_from(order)
                .where(
                    sa.tuple_(order.c.turn, order.c.created_at, order.c.id)
                    < sa.tuple_(*(sa.literal(value) for value in (mine.turn, mine.created_at, mine.id)))
                )
            )
            return Standing(int(before or 0) + 1, await self._why(connection, attempt, mine.turn, int(before or 0)))

    async def _why(self, connection: AsyncConnection, attempt: Attempt, turn: int, before: int) -> str:
        table, limits = self._attempts, self._limits
        if await self._running(connection, attempt, table.c.uid == attempt.uid):
            return "the environment's run before it to end"
        if limits.account_runs and attempt.account and turn > limits.account_runs:
            return f"one of the {limits.account_runs} runs that account {attempt.account} may have at once"
        if limits.runs and await self._running(connection) >= limits.runs:
            return f"one of the {limits.runs} runs that the platform may have at once"
        if attempt.waiting_for:
            return attempt.waiting_for
        return f"a free worker, behind {before} before it" if before else "a free worker"

    def _ordered(self) -> sa.Subquery:
        """(id, account, created_at, turn) of what is open and has no living worker."""
        table = self._attempts
        # Not self-correlated: the counts are those of the moment.
        busy = table.alias("busy")
        running = (
            sa.select(busy.c.account, sa.func.count().label("runs"))
            .where(self._alive(busy), busy.c.account != "")
            .group_by(busy.c.account)
            .subquery("running")
        )
        place = sa.func.row_number().over(partition_by=table.c.account, order_by=[table.c.created_at, table.c.id])
        return (
            sa.select(
                table.c.id,
                table.c.account,
                table.c.created_at,
                (place + sa.func.coalesce(running.c.runs, 0)).label("turn"),
            )
            .select_from(table.outerjoin(running, running.c.account == table.c.account))
            .where(table.c.state.in_(OPEN_STATES), sa.not_(self._alive()))
            .subquery("queue")
        )

    async def _running(
        self, connection: AsyncConnection, other_than: Attempt | None = None, *conditions: sa.ColumnElement[bool]
    ) -> int:
        table = self._attempts
        query = sa.select(sa.func.count()).select_from(table).where(self._alive(), *conditions)
        if other_than is not None:
            query = query.where(table.c.id != other_than.id)
        return int(await connection.scalar(query) or 0)

    def _alive(self, table: Any = None) -> sa.ColumnElement[bool]:
        table = self._attempts if table is None else table
        stale = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, self._limits.stale_seconds)
        return sa.and_(
            table.c.state == AttemptState.RUNNING.value,
            sa.func.coalesce(table.c.heartbeat_at >= stale, sa.false()),
        )
