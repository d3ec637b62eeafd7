"""Leases as rows, by the database's clock. Also the LeasePort of this service's own worker."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database, SerialRow
from libs.stages import HeldLease, LeaseLost
from services.state_backend_manager.audit_repository import AuditRecord
from services.state_backend_manager.tables import AUDIT_RECORDS, LEASES

# An owner renews four times in its lease's duration: one whose heartbeat is older than this share of it has missed two.
_FRESH = 0.5


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """A lease as it is now; `remaining_seconds` is negative once it has run out, `holder` empty once it was broken."""

    key: str
    holder: str
    run: str
    fence: int
    acquired_at: datetime
    remaining_seconds: float
    renewed_at: datetime
    age_seconds: float
    heartbeat_seconds: float

    @property
    def owner_is_alive(self) -> bool:
        """Whether the owner has lately shown that it is there."""
        return self.heartbeat_seconds < (self.heartbeat_seconds + self.remaining_seconds) * _FRESH


class Broken(Enum):
    """What became of the wish to break a lease."""

    DONE = auto()
    NOT_HELD = auto()
    OWNER_ALIVE = auto()


class LeaseRepository:
    """Who may work on what, and under which fence."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, key: str, *, holder: str, run: str, seconds: float) -> LeaseRecord | None:
        """The lease for `holder`; the one it has already, prolonged, when it asks again for the same run; None when
        another holds it."""

        async def work(connection: AsyncConnection) -> LeaseRecord | None:
            ends = _in(seconds)
            fresh = insert(LEASES).values(key=key, holder=holder, run=run, fence=1, expires_at=ends)
            mine = sa.and_(LEASES.c.holder == holder, LEASES.c.run == run, LEASES.c.expires_at > sa.func.now())
            taken = fresh.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "holder": holder,
                    "run": run,
                    "fence": sa.case((mine, LEASES.c.fence), else_=LEASES.c.fence + 1),
                    "acquired_at": sa.case((mine, LEASES.c.acquired_at), else_=sa.func.now()),
                    "expires_at": ends,
                    "renewed_at": sa.func.now(),
                },
                where=sa.or_(LEASES.c.expires_at <= sa.func.now(), mine),
            ).returning(LEASES.c.key)
            if await connection.scalar(taken) is None:
                return None
            return await _find(connection, key)

        return await self._database.run(work)

    async def find(self, key: str) -> LeaseRecord | None:
        async with self._database.transaction() as connection:
            return await _find(connection, key)

    async def acquire(self, key: str, *, holder: str, run: str, seconds: float) -> HeldLease | None:
        record = await self.take(key, holder=holder, run=run, seconds=seconds)
        return None if record is None else HeldLease(key, record.fence)

    async def renew(self, lease: HeldLease, *, holder: str, seconds: float) -> None:
        """Raises LeaseLost when another took it, or when it ran out: a run must not outlive its lease unseen."""

        async def work(connection: AsyncConnection) -> str | None:
            found: str | None = await connection.scalar(
                LEASES.update()
                .where(_held(lease, holder), LEASES.c.expires_at > sa.func.now())
                .values(expires_at=_in(seconds), renewed_at=sa.func.now())
                .returning(LEASES.c.key)
            )
            return found

        if await self._database.run(work) is None:
            raise LeaseLost(lease.key)

    async def release(self, lease: HeldLease, *, holder: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(LEASES.update().where(_held(lease, holder)).values(expires_at=sa.func.now()))

        await self._database.run(work)

    async def below(self, prefix: str) -> list[LeaseRecord]:
        """The leases that were ever taken on what is below a resource, by their keys."""
        query = _select().where(LEASES.c.key.startswith(f"{prefix}/", autoescape=True)).order_by(LEASES.c.key)
        async with self._database.transaction() as connection:
            return [_record(row) for row in await connection.execute(query)]

    async def break_lease(self, key: str, record: AuditRecord, *, force: bool) -> tuple[Broken, LeaseRecord | None]:
        """Takes a lease from its owner and keeps `record` with it, at once; and the lease as it was.

        Its time stays as it is, so that the owner, who learns of it at its next renewal, is done before another begins.
        """

        told = SerialRow(AUDIT_RECORDS)
        broken: LeaseRecord | None = None

        async def work(connection: AsyncConnection) -> tuple[Broken, LeaseRecord | None]:
            nonlocal broken
            if await told.is_there(connection):
                return Broken.DONE, broken
            await connection.execute(sa.select(LEASES.c.key).where(LEASES.c.key == key).with_for_update())
            lease = await _find(connection, key)
            if lease is None or lease.remaining_seconds <= 0 or not lease.holder:
                return Broken.NOT_HELD, lease
            if lease.owner_is_alive and not force:
                return Broken.OWNER_ALIVE, lease
            await connection.execute(
                LEASES.update().where(LEASES.c.key == key).values(holder="", fence=LEASES.c.fence + 1)
            )
            holder = f"{lease.holder} {lease.run} fence {lease.fence} {record.detail}".strip()
            await told.insert(connection, replace(record, detail=holder).values())
            broken = lease
            return Broken.DONE, lease

        return await self._database.run(work)


async def holds(connection: AsyncConnection, key: str, fence: int) -> bool:
    """Whether `fence` is the lease's present one, in the caller's transaction, which keeps it so."""
    present = sa.select(LEASES.c.fence).where(LEASES.c.key == key).with_for_update()
    return bool(await connection.scalar(present) == fence)


async def _find(connection: AsyncConnection, key: str) -> LeaseRecord | None:
    row = (await connection.execute(_select().where(LEASES.c.key == key))).first()
    return None if row is None else _record(row)


def _select() -> sa.Select[Any]:
    return sa.select(
        LEASES,
        sa.extract("epoch", LEASES.c.expires_at - sa.func.now()).label("remaining"),
        sa.extract("epoch", sa.func.now() - LEASES.c.acquired_at).label("age"),
        sa.extract("epoch", sa.func.now() - LEASES.c.renewed_at).label("heartbeat"),
    )


def _record(row: sa.Row[Any]) -> LeaseRecord:
    return LeaseRecord(
        row.key,
        row.holder,
        row.run,
        row.fence,
        row.acquired_at,
        float(row.remaining),
        row.renewed_at,
        float(row.age),
        float(row.heartbeat),
    )


def _held(lease: HeldLease, holder: str) -> sa.ColumnElement[bool]:
    return sa.and_(LEASES.c.key == lease.key, LEASES.c.holder == holder, LEASES.c.fence == lease.fence)


def _in(seconds: float) -> sa.ColumnElement[datetime]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
