"""The outbox and the inbox, as tables of a service's own schema."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing.events import OutgoingEvent


@dataclass(frozen=True, slots=True)
class EventTables:
    """Tables that a service adds to its MetaData with `EventTables.define(metadata)`."""

    outbox: sa.Table
    inbox: sa.Table
    sequences: sa.Table

    @classmethod
    def define(cls, metadata: sa.MetaData) -> "EventTables":
        now = sa.text("now()")
        outbox = sa.Table(
            "outbox",
            metadata,
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("subject", sa.Text, nullable=False),
            sa.Column("type", sa.Text, nullable=False),
            sa.Column("environment", sa.Text, nullable=False),
            sa.Column("environment_uid", sa.Text, nullable=False),
            sa.Column("sequence", sa.BigInteger, nullable=False),
            sa.Column("data", sa.Text, nullable=False),
            sa.Column("traceparent", sa.Text, nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
            sa.Column("claimed_until", sa.DateTime(timezone=True)),
            sa.Column("published_at", sa.DateTime(timezone=True)),
        )
        # Only what is unpublished is ever searched for; the rest stays for days, so that a lost stream can be rebuilt.
        sa.Index(
            "outbox_unpublished",
            outbox.c.environment_uid,
            outbox.c.sequence,
            postgresql_where=outbox.c.published_at.is_(None),
        )
        sa.Index("outbox_published_at", outbox.c.published_at)
        inbox = sa.Table(
            "inbox",
            metadata,
            sa.Column("consumer", sa.Text, primary_key=True),
            sa.Column("event_id", sa.Text, primary_key=True),
            sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        )
        sequences = sa.Table(
            "event_sequences",
            metadata,
            sa.Column("environment_uid", sa.Text, primary_key=True),
            sa.Column("last", sa.BigInteger, nullable=False),
        )
        return cls(outbox, inbox, sequences)


async def enqueue(connection: AsyncConnection, tables: EventTables, events: Iterable[OutgoingEvent]) -> None:
    """Writes events to the outbox in the caller's transaction, numbered by environment in the order given.

    The numbering's row lock makes transactions on one environment's events wait for each other, so that a smaller
    number is never committed after a larger one. Idempotent by the event's id. Wake the relay after the commit.
    """
    outbox, sequences = tables.outbox, tables.sequences
    for event in events:
        # A transaction that was committed, its answer lost, is run again: what it wrote is not written twice.
        there = sa.select(outbox.c.id).where(outbox.c.id == event.id).exists()
        first = sa.select(sa.literal(event.environment_uid), sa.literal(1, sa.BigInteger)).where(~there)
        sequence = await connection.scalar(
            insert(sequences)
            .from_select(["environment_uid", "last"], first)
            .on_conflict_do_update(index_elements=["environment_uid"], set_={"last": sequences.c.last + 1})
            .returning(sequences.c.last)
        )
        if sequence is None:
            continue
        await connection.execute(
            outbox.insert().values(
                id=event.id,
                subject=event.subject,
                type=event.type,
                environment=event.environment,
                environment_uid=event.environment_uid,
                sequence=sequence,
                data=event.data,
                traceparent=event.traceparent,
            )
        )


async def remember(connection: AsyncConnection, tables: EventTables, consumer: str, event_id: str) -> bool:
    """Notes in the caller's transaction that a consumer applies an event; False when it already has."""
    result = await connection.execute(
        insert(tables.inbox).values(consumer=consumer, event_id=event_id).on_conflict_do_nothing()
    )
    return result.rowcount == 1
