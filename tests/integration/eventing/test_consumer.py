"""From the stream to an effect."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import IncomingEvent

EFFECTS = sa.table("effects", sa.column("id"), sa.column("event_id"))


async def _apply(connection: AsyncConnection, event: IncomingEvent) -> None:
    await connection.execute(EFFECTS.insert().values(event_id=event.id))


async def _publish(line: Any, event: Any, number: int, data: bytes | None = None) -> None:
    """Delivers an event past the stream's own dropping of duplicates."""
    headers = {"Nats-Msg-Id": f"{event.id}-{number}", "ce-id": event.id, "ce-type": event.type}
    await line.bus.jetstream.publish(event.subject, event.data.encode() if data is None else data, headers=headers)


async def _until_effects(line: Any, *ids: str) -> None:
    async def there() -> bool:
        return set(await line.effects()) >= set(ids)

    await line.until(there)


async def test_an_event_that_comes_three_times_has_one_effect(line: Any) -> None:
    event, last = line.event(), line.event()
    for number in range(3):
        await _publish(line, event, number)
    await _publish(line, last, 0)
    line.start_consumer(_apply)
    await _until_effects(line, last.id)
    assert await line.effects() == [event.id, last.id]


async def test_a_handler_that_fails_leaves_nothing_and_is_called_again(line: Any) -> None:
    calls: list[int] = []

    async def fail_once(connection: AsyncConnection, event: IncomingEvent) -> None:
        calls.append(event.deliveries)
        await _apply(connection, event)
        if len(calls) == 1:
            raise RuntimeError("the first time")

    event = line.event()
    await _publish(line, event, 0)
    line.start_consumer(fail_once)
    await _until_effects(line, event.id)
    assert calls == [1, 2]
    assert await line.effects() == [event.id]


async def test_what_cannot_be_read_is_given_up_and_unknown_fields_are_passed_over(line: Any) -> None:
    torn, newer = line.event(), line.event()
    await _publish(line, torn, 0, b"{")
    environment = line.environment.encode()
    await _publish(line, newer, 0, b'{"environment": "' + environment + b'", "ofALaterVersion": {"x": 1}}')
    seen: list[str] = []

    async def handle(connection: AsyncConnection, event: IncomingEvent) -> None:
        seen.append(event.message.environment)  # type: ignore[attr-defined]
        await _apply(connection, event)

    line.start_consumer(handle)
    await _until_effects(line, newer.id)
    assert seen == [line.environment]

    async def nothing_waits() -> bool:
        info = await line.bus.jetstream.consumer_info("PROVISIONING", f"test_{line.workspace}")
        return (info.num_ack_pending, info.num_pending) == (0, 0)

    await line.until(nothing_waits)
