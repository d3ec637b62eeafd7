"""Slow and fast transactions write to one outbox while a relay publishes: nothing is skipped, and each order holds."""

from __future__ import annotations

import asyncio
import random

import pytest
import sqlalchemy as sa

from libs.eventing import enqueue
from tests.integration.eventing.conftest import TABLES, Line
from tests.integration.eventing.conftest import line as line

pytestmark = pytest.mark.integration

EVENTS = 60


async def test_slow_and_fast_transactions_side_by_side_and_nothing_is_skipped(line: Line) -> None:
    draw = random.Random(7)
    line.start_relay()

    async def write(number: int, late: float, held: float) -> None:
        await asyncio.sleep(late)
        async with line.database.transaction() as connection:
            await connection.execute(sa.select(sa.func.now()))  # where created_at is from
            await asyncio.sleep(held)
            await enqueue(connection, TABLES, [line.event(f"e{number % 3}")])
            await asyncio.sleep(held / 2)
        line.relay.wake()

    await asyncio.gather(*(write(number, draw.uniform(0, 0.5), draw.choice([0, 0, 0.2])) for number in range(EVENTS)))
    await line.until_published()
    told: dict[str, list[int]] = {}
    for message in await line.messages(EVENTS):
        told.setdefault(message.headers["ce-environmentuid"], []).append(int(message.headers["ce-sequence"]))
    assert told == {f"e{number}": list(range(1, EVENTS // 3 + 1)) for number in range(3)}
