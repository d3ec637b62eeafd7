"""`Relay`: publishes outbox rows to JetStream, each at least once."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import nats.errors
import nats.js.errors
import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.sql.dml import ReturningUpdate

from libs.eventing.bus import Bus, Reconnected
from libs.eventing.tables import EventTables
from libs.persistence import Database

_log = logging.getLogger(__name__)

# The fallback for a wake that was lost with its process, in seconds.
_POLL = 0.5
_BATCH = 100
# A relay that died between claim and publish delays its rows by this, in seconds.
_CLAIM = 10.0
_KEEP_DAYS = 7
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext(current_user || '/outbox'))")


class Relay:
    """Publishes what is in the outbox; several may run at once. `wake()` after a commit publishes at once."""

    def __init__(self, database: Database, tables: EventTables, bus: Bus, *, source: str) -> None:
        self._database = database
        self._outbox = tables.outbox
        self._inbox = tables.inbox
        self._bus = bus
        self._source = source
        self._wake = asyncio.Event()
        # Built once: to build them costs more than to run them, and idle processes ask again and again.
        self._any = sa.select(sa.exists().where(self._outbox.c.published_at.is_(None)))
        self._due = self._claiming()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Runs until it is cancelled."""
        next_cleaning = 0.0
        clock = asyncio.get_running_loop().time
        while True:
            self._wake.clear()
            try:
                busy = await self._publish_batch()
                if clock() >= next_cleaning:
                    next_cleaning = clock() + 3600
                    await self._forget_old()
            except Reconnected:
                continue
            except Exception as error:
                _log.warning("relay: %s: %s", type(error).__name__, error)
                if isinstance(error, (nats.js.errors.NoStreamResponseError, nats.js.errors.NotFoundError)):
                    await self._mend()
                await asyncio.sleep(_POLL)
                continue
            if not busy:
                try:
                    async with asyncio.timeout(_POLL):
                        await self._wake.wait()
                except TimeoutError:
                    pass

    async def _mend(self) -> None:
        try:
            await self._bus.answer(self._bus.ensure_streams())
        except Exception as error:
            _log.warning("relay: streams: %s", error)

    async def _publish_batch(self) -> bool:
        async with self._database.reading() as connection:
            if not await connection.scalar(self._any):
                return False
        rows = await self._claim()
        by_environment: dict[str, list[Row[tuple[object, ...]]]] = {}
        for row in rows:
            by_environment.setdefault(row.environment_uid, []).append(row)
        published: list[str] = []

        async def publish(of_one: list[Row[tuple[object, ...]]]) -> None:
            # One after the other, for they have an order; what fails keeps back those behind it.
            for row in of_one:
                await self._publish(row)
                published.append(row.id)

        outcomes = await asyncio.gather(*map(publish, by_environment.values()), return_exceptions=True)
        if published:
            await self._mark(published)
        for problem in outcomes:
            if isinstance(problem, BaseException):
                await self._release([row.id for row in rows])
                raise problem
        return bool(rows)

    async def _mark(self, published: list[str]) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                self._outbox.update().where(self._outbox.c.id.in_(published)).values(published_at=sa.func.now())
            )

    async def _release(self, claimed: list[str]) -> None:
        """Lets go of what was claimed and not published, so that it need not wait for the claim's end."""
        async with self._database.transaction() as connection:
            await connection.execute(
                self._outbox.update()
                .where(self._outbox.c.id.in_(claimed), self._outbox.c.published_at.is_(None))
                .values(claimed_until=None)
            )

    def _claiming(self) -> ReturningUpdate[Any]:
        outbox, other = self._outbox, self._outbox.alias()
        # What another relay has claimed of an environment goes first: its later events wait, so that order holds.
        elsewhere = sa.exists().where(
            other.c.environment_uid == outbox.c.environment_uid,
            other.c.published_at.is_(None),
            other.c.claimed_until >= sa.func.now(),
        )
        due = (
            sa.select(outbox.c.id)
            .where(
                outbox.c.published_at.is_(None),
                sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < sa.func.now()),
                ~elsewhere,
            )
            .order_by(outbox.c.created_at, outbox.c.sequence)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        return (
            outbox.update()
            .where(outbox.c.id.in_(due))
            .values(claimed_until=sa.func.now() + sa.text(f"interval '{_CLAIM} seconds'"))
            .returning(*outbox.c)
        )

    async def _claim(self) -> list[Row[tuple[object, ...]]]:
        async with self._database.transaction() as connection:
            # One claim at a time, for the milliseconds that it takes: two would not see each other's.
            await connection.execute(_ONE_AT_A_TIME)
            result = await connection.execute(self._due)
            # By sequence and not by time: created_at is when a transaction began, and a slow one ends after others.
            return sorted(result.all(), key=lambda row: (row.environment_uid, row.sequence))

    async def _publish(self, row: Row[tuple[object, ...]]) -> None:
        created: datetime = row.created_at
        headers = {
            "Nats-Msg-Id": row.id,
            "ce-specversion": "1.0",
            "ce-id": row.id,
            "ce-type": row.type,
            "ce-source": self._source,
            "ce-subject": row.environment,
            "ce-time": created.astimezone(UTC).isoformat(),
            "ce-environmentuid": row.environment_uid,
            "ce-sequence": str(row.sequence),
            "content-type": "application/json",
        }
        if row.traceparent:
            headers["traceparent"] = row.traceparent
        await self._bus.answer(self._bus.jetstream.publish(row.subject, row.data.encode(), headers=headers))

    async def _forget_old(self) -> None:
        old = sa.func.now() - sa.text(f"interval '{_KEEP_DAYS} days'")
        async with self._database.transaction() as connection:
            await connection.execute(self._outbox.delete().where(self._outbox.c.published_at < old))
            # An event is not delivered again once it has left the stream, so its note may go a while after that.
            await connection.execute(
                self._inbox.delete().where(self._inbox.c.received_at < sa.func.now() - sa.text("interval '45 days'"))
            )
