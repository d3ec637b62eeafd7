"""Servers that a test may end, wipe and start again, at the same port."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from libs.embedded.postgres import DATABASE, SHIM, SUPERUSER, Postgres
from tests.conftest import free_port, listening, tool, wait_for


@dataclass
class NatsServer:
    """A nats-server with a store of its own."""

    store: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        argv = [tool("nats-server"), "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.store)]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: listening(self.port), "nats-server's start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def restart(self, *, wiped: bool = False) -> None:
        """Killed, and started again; `wiped` with an empty store."""
        await asyncio.to_thread(self.kill)
        if wiped:
            await asyncio.to_thread(shutil.rmtree, self.store)
        await asyncio.to_thread(self.start)


@dataclass
class PostgresServer:
    """A Postgres of the test's own."""

    postgres: Postgres
    log: Path
    _process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._spawn()
        async with asyncio.timeout(30):
            while not await self.postgres.ready():
                await asyncio.sleep(0.05)

    def _spawn(self) -> None:
        as_server_user = [sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), "unprivileged"]
        argv = [*as_server_user, *self.postgres.argv()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT)

    async def end(self) -> None:
        """As a restart does: its clients are cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            await asyncio.to_thread(self._process.wait)

    @asynccontextmanager
    async def read_only(self) -> AsyncIterator[None]:
        """A failover: connections are cut off, and through those opened in this while nothing can ever be written."""
        setting = f"ALTER DATABASE {DATABASE} SET default_transaction_read_only"
        sessions = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        await self._superuser(f"{setting} = on", f"SELECT pg_terminate_backend(pid) FROM {sessions}")
        try:
            yield
        finally:
            await self._superuser("SET default_transaction_read_only = off", f"{setting} = off")

    async def _superuser(self, *statements: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=self.postgres.port, user=SUPERUSER, password=self.postgres.password,
            database=DATABASE,
        )  # fmt: skip
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
