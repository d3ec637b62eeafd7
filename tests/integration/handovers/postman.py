"""A postman between the outboxes and the streams who loses, copies and delays what he is given."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from libs.eventing import Bus


@dataclass
class Postman:
    """Every event is posted `copies` times, each copy after a delay of its own up to `late` seconds, so that later ones
    overtake; a share of `lost` is never posted at all. The stream takes each copy for a message of its own."""

    seed: int
    copies: int = 1
    late: float = 0.0
    lost: float = 0.0
    delivered: int = 0
    dropped: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def takes(self, *buses: Bus) -> None:
        """From now on everything that is published goes through his hands."""
        for bus in buses:
            bus.jetstream = _Posting(bus.jetstream, self)  # type: ignore[assignment]

    async def post(self, publish: Any, subject: str, data: bytes, headers: dict[str, str]) -> None:
        if self._random.random() < self.lost:
            self.dropped += 1
            return
        for copy in range(self.copies):
            named = {**headers, "Nats-Msg-Id": f"{headers['Nats-Msg-Id']}-{copy}"}
            delay = self._random.uniform(0, self.late)
            task = asyncio.create_task(self._deliver(publish, subject, data, named, delay))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def home(self) -> None:
        """Returns once nothing is on its way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _deliver(self, publish: Any, subject: str, data: bytes, headers: dict[str, str], delay: float) -> None:
        await asyncio.sleep(delay)
        await publish(subject, data, headers=headers)
        self.delivered += 1


class _Posting:
    """JetStream, but for publishing."""

    def __init__(self, jetstream: Any, postman: Postman) -> None:
        self._jetstream = jetstream
        self._postman = postman

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jetstream, name)

    async def publish(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        await self._postman.post(self._jetstream.publish, subject, data, headers)
