"""A bad wire to AWS: calls that are refused, replies that are late, and replies that are cut in the middle."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.crash.messages import forward, read_request

LATE = 0.3


@dataclass
class Wire:
    """Forwards to the AWS at `target`. Of all calls a share `refused` never arrives, a share `late` is answered late,
    and a share `cut` is done and its answer breaks off."""

    target: int
    seed: int
    refused: float = 0.0
    late: float = 0.0
    cut: float = 0.0
    suffered: Counter[str] = field(default_factory=Counter)
    url: str = ""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Wire]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (request := await read_request(reader, writer)) is not None:
                fate = self._fate()
                self.suffered[fate] += 1
                if fate == "refused":
                    return
                answer = await forward(request, self.target)
                if fate == "late":
                    await asyncio.sleep(LATE)
                writer.write(answer[: len(answer) // 2] if fate == "cut" else answer)
                await writer.drain()
                if fate == "cut":
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    def _fate(self) -> str:
        drawn = self._random.random()
        for fate, share in (("refused", self.refused), ("late", self.late), ("cut", self.cut)):
            if drawn < share:
                return fate
            drawn -= share
        return "well"
