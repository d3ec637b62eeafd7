"""`Consumer`: applies events of a stream, each exactly once, in one transaction with its inbox row."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing.bus import Bus, Reconnected
from libs.eventing.events import IncomingEvent, from_json
from libs.eventing.tables import EventTables, remember
from libs.persistence import Database
from libs.telemetry import SpanKind, span

_log = logging.getLogger(__name__)

Handler = Callable[[AsyncConnection, IncomingEvent], Awaitable[None]]

# A message that was on its way when the connection broke comes again after this: longer than any handler takes, and one
# that does take longer meets its own inbox row.
_ACK_WAIT_SECONDS = 10
_FETCH_SECONDS = 5
_LONGEST_DELAY_SECONDS = 30.0


class Consumer:
    """A durable pull consumer.

    The handler runs in the transaction that remembers the event; it may be called again for an event whose transaction
    was rolled back, and never for one that was committed. An event that fails is delivered again after a delay that
    grows to half a minute, for as long as the stream keeps it; one that cannot be read is given up and logged.

    Args:
        durable: name of the durable consumer; also the consumer's name in the inbox.
        stream: the stream's name.
        subjects: the subjects to receive.
        after_commit: called after each committed event, for instance to wake a relay and a worker.
    """

    def __init__(
        self,
        database: Database,
        tables: EventTables,
        bus: Bus,
        *,
        durable: str,
        stream: str,
        subjects: Sequence[str],
        handler: Handler,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._tables = tables
        self._bus = bus
        self._durable = durable
        self._stream = stream
        self._subjects = list(subjects)
        self._handler = handler
        self._after_commit = after_commit

    async def run(self) -> None:
        """Runs until it is cancelled; makes stream and consumer anew whenever they are gone."""
        while True:
            try:
                subscription = await self._bus.answer(self._subscribe())
                try:
                    await self._receive_all(subscription)
                finally:
                    with suppress(nats.errors.Error):  # not connected now: then it is gone anyway
                        await subscription.unsubscribe()
            except Reconnected:
                continue
            except Exception as error:
                _log.warning("consumer %s: %s: %s", self._durable, type(error).__name__, error)
                await asyncio.sleep(0.5)

    async def _receive_all(self, subscription: JetStreamContext.PullSubscription) -> None:
        while True:
            try:
                messages = await self._bus.answer(subscription.fetch(1, timeout=_FETCH_SECONDS))
            except (TimeoutError, nats.errors.TimeoutError):
                # Idle, or a consumer that a lost store took with it, or one that has fallen silent: only asking tells.
                info = await self._bus.answer(subscription.consumer_info())
                if info.num_pending:
                    _log.warning("consumer %s: %d wait and none comes", self._durable, info.num_pending)
                    return
                continue
            for message in messages:
                await self._receive(message)

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        await self._bus.ensure_streams()
        config = ConsumerConfig(
            durable_name=self._durable,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=_ACK_WAIT_SECONDS,
            max_deliver=-1,
            max_ack_pending=64,
            filter_subjects=self._subjects,
        )
        await self._bus.jetstream.add_consumer(self._stream, config)
        return await self._bus.jetstream.pull_subscribe_bind(durable=self._durable, stream=self._stream)

    async def _receive(self, message: Msg) -> None:
        try:
            event = _read(message)
        except Exception as error:
            _log.error("consumer %s: gave up %s: %s: %s", self._durable, message.subject, type(error).__name__, error)
            await message.term()
            return
        try:
            await asyncio.shield(self._apply(event))
        except Exception:
            delay = min(0.5 * 2 ** min(event.deliveries, 10), _LONGEST_DELAY_SECONDS)
            _log.exception("consumer %s: %s failed, again in %.1f s", self._durable, event.subject, delay)
            await message.nak(delay=delay)
            return
        await message.ack()
        self._after_commit()

    async def _apply(self, event: IncomingEvent) -> None:
        with span(
            f"process {event.name}",
            parent=event.traceparent or None,
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": "nats",
                "messaging.operation.type": "process",
                "messaging.destination.name": event.subject,
                "messaging.message.id": event.id,
                "beta9.environment.uid": event.environment_uid,
            },
        ):
            async with self._database.transaction() as connection:
                if await remember(connection, self._tables, self._durable, event.id):
                    await self._handler(connection, event)


def _read(message: Msg) -> IncomingEvent:
    headers = message.headers or {}
    return IncomingEvent(
        id=headers["ce-id"],
        subject=message.subject,
        type=headers["ce-type"],
        source=headers.get("ce-source", ""),
        environment_uid=headers.get("ce-environmentuid", ""),
        sequence=int(headers.get("ce-sequence", "0")),
        traceparent=headers.get("traceparent", ""),
        message=from_json(headers["ce-type"], message.data.decode()),
        deliveries=message.metadata.num_delivered or 1,
    )
