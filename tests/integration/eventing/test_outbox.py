"""From the outbox to the stream."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from libs.eventing import EventTables, enqueue
from libs.eventing.subjects import EVENTS_STREAM

TABLES = EventTables.define(sa.MetaData())


async def test_a_change_that_is_rolled_back_tells_nothing(line: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        async with line.database.transaction() as connection:
            await enqueue(connection, TABLES, [line.event()])
            raise ZeroDivisionError
    kept = line.event()
    await line.put(kept)
    line.start_relay()
    await line.until_published()
    (message,) = await line.messages(1)
    assert (message.headers["ce-id"], message.headers["ce-sequence"]) == (kept.id, "1")


async def test_sequences_of_an_environment_rise_without_gaps_under_concurrency(line: Any) -> None:
    await asyncio.gather(*(line.put(line.event(), line.event("e2"), line.event()) for _ in range(6)))
    outbox = TABLES.outbox
    rows = await line.rows(sa.select(outbox.c.environment_uid, outbox.c.sequence))
    assert sorted(row.sequence for row in rows if row.environment_uid == "e1") == list(range(1, 13))
    assert sorted(row.sequence for row in rows if row.environment_uid == "e2") == list(range(1, 7))


async def test_a_late_starter_that_commits_first_does_not_turn_the_order_around(line: Any) -> None:
    """now() is when a transaction began, the sequence is the order in which they changed the environment."""
    async with line.database.transaction() as slow:
        await slow.execute(sa.select(sa.func.now()))
        await line.put(line.event())
        await enqueue(slow, TABLES, [line.event()])
    line.start_relay()
    await line.until_published()
    assert [message.headers["ce-sequence"] for message in await line.messages(2)] == ["1", "2"]


async def test_the_headers_are_those_that_subscribers_were_promised(line: Any) -> None:
    event = line.event("uid7")
    await line.put(event)
    line.start_relay()
    await line.until_published()
    (message,) = await line.messages(1)
    headers = {key: value for key, value in message.headers.items() if key != "ce-time"}
    assert headers == {
        "Nats-Msg-Id": event.id,
        "ce-specversion": "1.0",
        "ce-id": event.id,
        "ce-type": "provisioning.environment.v1.EnvironmentProgressed",
        "ce-source": "/provisioning/test",
        "ce-subject": line.environment,
        "ce-environmentuid": "uid7",
        "ce-sequence": "1",
        "traceparent": event.traceparent,
        "content-type": "application/json",
    }
    assert datetime.fromisoformat(message.headers["ce-time"]).utcoffset() is not None
    assert message.subject == f"provisioning.v1.{line.workspace}.dev.environment.environment_progressed"


async def test_an_event_whose_mark_was_lost_is_in_the_stream_once(line: Any) -> None:
    await line.put(line.event())
    line.start_relay()
    await line.until_published()
    async with line.database.transaction() as connection:
        await connection.execute(TABLES.outbox.update().values(published_at=None, claimed_until=None))
    line.relay.wake()
    await line.until_published()
    await line.messages(1)


async def test_a_stream_that_was_wiped_is_made_anew_in_mid_flow(line: Any) -> None:
    await line.put(line.event())
    line.start_relay()
    await line.until_published()
    await line.bus.jetstream.delete_stream(EVENTS_STREAM)
    after = line.event()
    await line.put(after)
    await line.until_published()
    (message,) = await line.messages(1)
    assert message.headers["ce-id"] == after.id
