"""A proxy before Postgres that cuts the connection between a commit and the answer to it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class CuttingProxy:
    """Forwards to `target`. Of the commits a share `cut` is done by the server, and its client never hears of it."""

    target: int
    seed: int
    cut: float = 0.0
    cuts: int = 0
    port: int = 0
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in list(self._connections):
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        doomed = asyncio.Event()
        ways = [
            asyncio.create_task(self._there(client, to_server, doomed)),
            asyncio.create_task(self._back(server, to_client, doomed)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to_client.close()
            to_server.close()
            self._connections.discard(task)

    async def _there(
        self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await client.read(65536):
                if b"COMMIT" in data and self._random.random() < self.cut:
                    doomed.set()
                to_server.write(data)
                await to_server.drain()

    async def _back(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        with suppress(ConnectionError):
            while data := await server.read(65536):
                if doomed.is_set():
                    self.cuts += 1
                    return
                to_client.write(data)
                await to_client.drain()
