"""The attempts' SQL. Every write of a worker carries its fence; a stale one raises LeaseLost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import OutgoingEvent, enqueue
from libs.failures import Failure
from libs.stages.attempts import OPEN_STATES, Attempt, AttemptState
from libs.stages.failure_json import failure_to_json
from libs.stages.leases import LeaseLost
from libs.stages.reading import AttemptReader

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StepBudget:
    """What was used of a step's budget: how often it was tried again, and the seconds since it first began."""

    retries: int = 0
    seconds: float = 0.0


class AttemptRepository(AttemptReader):
    """Attempts of one service, to be read and written."""

    async def insert(self, connection: AsyncConnection, **values: object) -> bool:
        """Writes a new attempt in the caller's transaction; False when its id is there already."""
        result = await connection.execute(insert(self._attempts).values(**values).on_conflict_do_nothing())
        return result.rowcount == 1

    async def inherit(self, connection: AsyncConnection, attempt: Attempt, previous: Attempt) -> None:
        """Lets a retry go on where the attempt before it stopped: its data, and the steps that it completed."""
        await connection.execute(
            self._attempts.update().where(self._attempts.c.id == attempt.id).values(data=dict(previous.data))
        )
        done = sa.select(
            sa.literal(attempt.id), self._steps.c.step, self._steps.c.started_at, self._steps.c.ended_at
        ).where(self._steps.c.attempt_id == previous.id, self._steps.c.ended_at.is_not(None))
        columns = ["attempt_id", "step", "started_at", "ended_at"]
        await connection.execute(insert(self._steps).from_select(columns, done).on_conflict_do_nothing())

    def claimed_by(self, holder: str, fence: int) -> sa.ColumnElement[bool]:
        """That an attempt is this holder's by this very claim, ended or not."""
        return sa.and_(self._attempts.c.fence == fence, self._attempts.c.holder == holder)

    async def claim(
        self,
        identifier: str,
        *,
        fence: int,
        holder: str,
        admit: Callable[[AsyncConnection], Awaitable[bool]] | None = None,
    ) -> Attempt | None:
        """Takes an open attempt under a newer fence; None when it has ended, a newer fence has it, or `admit` (asked in
        the same transaction) says no."""
        attempts = self._attempts
        # Ours already where the transaction is run again, because the answer to its commit was lost.
        newer = sa.or_(attempts.c.fence < fence, self.claimed_by(holder, fence))

        async def work(connection: AsyncConnection) -> Attempt | None:
            if admit is not None and not await admit(connection):
                return None
            row = (
                await connection.execute(
                    attempts.update()
                    .where(attempts.c.id == identifier, newer, attempts.c.state.in_(OPEN_STATES))
                    .values(
                        state=AttemptState.RUNNING.value,
                        fence=fence,
                        holder=holder,
                        waiting_for="",
                        heartbeat_at=sa.func.now(),
                        started_at=sa.func.coalesce(attempts.c.started_at, sa.func.now()),
                    )
                    .returning(*attempts.c)
                )
            ).first()
            if row is None:
                return None
            done = await self._steps_of(connection, [identifier])
            return self._attempt(row, done.get(identifier, ()))

        return await self.database.run(work)

    async def heartbeat(self, identifier: str, fence: int) -> str:
        """Shows that the attempt is worked on; answers the reason it shall stop for, or the empty text."""
        return await self._update(identifier, fence, {"heartbeat_at": sa.func.now()}, self._attempts.c.stop_reason)

    async def unclaim(self, identifier: str, fence: int) -> None:
        """Lets go of an attempt in the middle, so that another worker goes on at once."""
        attempts = self._attempts

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                attempts.update()
                .where(attempts.c.id == identifier, attempts.c.fence == fence, attempts.c.state.in_(OPEN_STATES))
                .values(heartbeat_at=None)
            )

        await self.database.run(work)

    async def save(self, identifier: str, fence: int, values: Mapping[str, object]) -> None:
        merged = self._attempts.c.data.op("||")(sa.bindparam("values", dict(values), type_=JSONB))
        await self._update(identifier, fence, {"data": merged}, self._attempts.c.id)

    async def begin_step(self, identifier: str, fence: int, step: str, events: list[OutgoingEvent]) -> StepBudget:
        """Notes that a step begins; answers what earlier workers of the attempt have used of its budget."""
        steps = self._steps

        async def work(connection: AsyncConnection) -> StepBudget:
            await connection.execute(self._attempts.update().where(self._attempts.c.id == identifier).values(step=step))
            begun = insert(steps).values(attempt_id=identifier, step=step)
            await connection.execute(begun.on_conflict_do_nothing())
            await enqueue(connection, self.tables.events, events)
            age = sa.extract("epoch", sa.func.clock_timestamp() - steps.c.started_at)
            query = sa.select(steps.c.retries, age.label("age"))
            row = (await connection.execute(query.where(steps.c.attempt_id == identifier, steps.c.step == step))).one()
            return StepBudget(row.retries, max(0.0, float(row.age)))

        return await self.guarded(identifier, fence, work)

    async def note_retry(
        self, identifier: str, fence: int, step: str, retries: int, waiting_for: str, events: list[OutgoingEvent]
    ) -> None:
        """Keeps how often a step was tried again, and what it waits for."""
        attempts, steps = self._attempts, self._steps

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                attempts.update().where(attempts.c.id == identifier).values(waiting_for=waiting_for)
            )
            await connection.execute(
                steps.update().where(steps.c.attempt_id == identifier, steps.c.step == step).values(retries=retries)
            )
            await enqueue(connection, self.tables.events, events)

        await self.guarded(identifier, fence, work)

    async def end_step(self, identifier: str, fence: int, step: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                self._steps.update()
                .where(self._steps.c.attempt_id == identifier, self._steps.c.step == step)
                .values(ended_at=sa.func.clock_timestamp())
            )

        await self.guarded(identifier, fence, work)

    async def emit(
        self,
        identifier: str,
        fence: int,
        event: OutgoingEvent,
        *,
        answer: bool,
        also: Callable[[AsyncConnection], Awaitable[None]] | None,
    ) -> None:
        async def work(connection: AsyncConnection) -> None:
            if answer:
                await self._add_answer(connection, identifier, event)
            if also is not None:
                await also(connection)
            await enqueue(connection, self.tables.events, [event])

        await self.guarded(identifier, fence, work)

    async def end(
        self,
        identifier: str,
        fence: int,
        state: AttemptState,
        event: OutgoingEvent,
        failure: Failure | None = None,
    ) -> None:
        """Ends an attempt with its last answer."""

        async def work(connection: AsyncConnection) -> None:
            await self.end_in(connection, identifier, state, event, failure)

        await self.guarded(identifier, fence, work)

    async def end_in(
        self,
        connection: AsyncConnection,
        identifier: str,
        state: AttemptState,
        event: OutgoingEvent,
        failure: Failure | None = None,
    ) -> None:
        await connection.execute(
            self._attempts.update()
            .where(self._attempts.c.id == identifier)
            .values(
                state=state.value,
                failure=None if failure is None else failure_to_json(failure),
                ended_at=sa.func.clock_timestamp(),
            )
        )
        await self._add_answer(connection, identifier, event)
        await enqueue(connection, self.tables.events, [event])

    async def request_stop(self, connection: AsyncConnection, identifier: str, reason: str) -> None:
        await connection.execute(
            self._attempts.update().where(self._attempts.c.id == identifier).values(stop_reason=reason)
        )

    async def guarded(self, identifier: str, fence: int, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Runs `work` in a transaction that holds the attempt's row under the fence. Raises LeaseLost.

        Waits for a database that is away for as long as the caller lives: the lease's end is what ends the caller.
        """

        async def fenced(connection: AsyncConnection) -> T:
            held = await connection.scalar(
                sa.select(self._attempts.c.id)
                .where(
                    self._attempts.c.id == identifier,
                    self._attempts.c.fence == fence,
                    self._attempts.c.state == AttemptState.RUNNING.value,
                )
                .with_for_update()
            )
            if held is None:
                raise LeaseLost(identifier)
            return await work(connection)

        return await self.database.run(fenced, attempts=None)

    async def _update(self, identifier: str, fence: int, values: Mapping[str, object], answer: sa.Column[str]) -> str:
        attempts = self._attempts

        async def work(connection: AsyncConnection) -> str | None:
            found: str | None = await connection.scalar(
                attempts.update()
                .where(
                    attempts.c.id == identifier,
                    attempts.c.fence == fence,
                    attempts.c.state == AttemptState.RUNNING.value,
                )
                .values(**values)
                .returning(answer)
            )
            return found

        found = await self.database.run(work, attempts=None)
        if found is None:
            raise LeaseLost(identifier)
        return found

    async def _add_answer(self, connection: AsyncConnection, identifier: str, event: OutgoingEvent) -> None:
        addition = sa.bindparam("addition", [[event.type, event.data]], type_=JSONB)
        # In a transaction that is run again because the answer to its commit was lost, it is there already.
        outbox = self.tables.events.outbox
        told = sa.select(outbox.c.id).where(outbox.c.id == event.id).exists()
        await connection.execute(
            self._attempts.update()
            .where(self._attempts.c.id == identifier, ~told)
            .values(answers=self._attempts.c.answers.op("||")(addition))
        )
