"""`Bus`: the connection to NATS, and the two streams."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from libs.eventing.subjects import EVENTS_PREFIX, EVENTS_STREAM, REQUESTS_PREFIX, REQUESTS_STREAM

T = TypeVar("T")

_log = logging.getLogger(__name__)

# A month of lifecycle: enough for a subscriber to come back from a long outage.
_MAX_AGE_SECONDS = 30 * 24 * 3600
_STREAMS = {EVENTS_STREAM: f"{EVENTS_PREFIX}.>", REQUESTS_STREAM: f"{REQUESTS_PREFIX}.>"}


class Reconnected(Exception):
    """The connection was lost and made anew: whatever was asked of the server before is not answered any more."""


class Bus:
    """One connection for a process; reconnects for ever. `on_closed` is called if it is ever closed for good."""

    def __init__(self, client: Client, replicas: int, waiting: "set[asyncio.Task[Any]]") -> None:
        self._client = client
        self._replicas = replicas
        self._waiting = waiting
        self.jetstream: JetStreamContext = client.jetstream(timeout=5)

    @classmethod
    async def connect(
        cls, url: str, *, name: str, replicas: int = 1, on_closed: Callable[[], None] | None = None
    ) -> "Bus":
        """Connects to `nats://user:password@host:port`; keeps trying while no server answers."""
        waiting: set[asyncio.Task[Any]] = set()

        async def reconnected() -> None:
            for task in waiting:
                task.cancel()

        async def error(problem: Exception) -> None:
            _log.warning("nats: %s", problem or type(problem).__name__)

        async def closed() -> None:
            if on_closed is not None:
                on_closed()

        client = await nats.connect(
            url,
            name=name,
            error_cb=error,
            closed_cb=closed,
            reconnected_cb=reconnected,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            allow_reconnect=True,
            ping_interval=10,
            max_outstanding_pings=3,
        )
        return cls(client, replicas, waiting)

    async def answer(self, asking: Coroutine[Any, Any, T]) -> T:
        """The answer of a server. Raises Reconnected at once when the connection was lost meanwhile, instead of waiting
        until the time for the answer is over: the server that comes back knows nothing of the question."""
        task = asyncio.create_task(asking)
        self._waiting.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if task.cancelled() and current is not None and not current.cancelling():
                raise Reconnected from None
            raise
        finally:
            self._waiting.discard(task)

    async def ensure_streams(self) -> None:
        """Makes the streams where they are missing. Idempotent: also what mends a store that was wiped."""
        for name, subjects in _STREAMS.items():
            try:
                await self.jetstream.stream_info(name)
            except NotFoundError:
                await self.jetstream.add_stream(
                    StreamConfig(
                        name=name,
                        subjects=[subjects],
                        retention=RetentionPolicy.LIMITS,
                        storage=StorageType.FILE,
                        discard=DiscardPolicy.OLD,
                        max_age=_MAX_AGE_SECONDS,
                        duplicate_window=120,
                        num_replicas=self._replicas,
                    )
                )

    async def close(self) -> None:
        await self._client.close()
