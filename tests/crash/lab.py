"""The place where crash points are tried: a whole platform, its engine's workers, and the proxy before its cloud.

An engine's worker takes one attempt at a time, and there are more workers than environments on the way: one that is
killed takes no other's work with it, and its own is taken over by one that is alive, as soon as the lease is over.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from libs.embedded import ports as listening
from libs.embedded.platform import Platform
from libs.embedded.specs import Sandbox
from tests.crash.engine import FOLDER as SYNTHESIZED
from tests.crash.proxy import AwsProxy
from tests.e2e.client import Client, connected
from tests.e2e.customer import Customer
from tests.e2e.observing import database, state_folder

_PID = re.compile(r":(\d+):[0-9a-f]+$")
_SETTINGS = {
    "PROVISIONING_STACKS": "crash=tests.crash.stack:CRASH",
    "PROVISIONING_STACK": "crash",
    "PROVISIONING_WORKER_CONCURRENCY": "1",
    "PROVISIONING_DRAIN_SECONDS": "8",
    "PROVISIONING_OVERDUE_SECONDS": "4",
    "PROVISIONING_SILENT_SECONDS": "8",
    "PROVISIONING_SWEEP_SECONDS": "1",
    "PROVISIONING_AWS_MAX_RETRIES": "3",
}
_MODULES = {"cluster_bootstrapper": "tests.crash.stand_in", "infra_engine": "tests.crash.engine"}
_accounts = itertools.count(400000000001)


@dataclass
class Lab:
    """A running platform, seen from beside it."""

    platform: Platform
    proxy: AwsProxy
    client: Client
    rows: asyncpg.Connection
    external_id: str
    lease_seconds: float
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def work(self) -> Path:
        """The folder of the engine's work folders."""
        return state_folder(self.platform).parent / "work"

    async def customer(self) -> Customer:
        """A customer with an account of their own, whose role trusts the platform."""
        assert self.platform.endpoints.sandbox is not None
        made = Customer(self.platform.endpoints.sandbox, str(next(_accounts)))
        await made.onboard(self.external_id)
        return made

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Rows of the platform's Postgres, in every service's schema."""
        async with self._asking:
            return list(await self.rows.fetch(query, *arguments))

    async def worker_of(self, uid: str) -> int | None:
        """The process id of the engine's worker that works on an environment."""
        query = "select holder from infra_engine.attempts where uid = $1 and state = 'RUNNING'"
        found = await self.fetch(query, uid)
        named = _PID.search(found[0]["holder"]) if found else None
        return int(named[1]) if named else None

    async def kill_worker_of(self, uid: str) -> bool:
        """SIGKILL to the engine's worker that works on an environment; False where none does, or it is dead already."""
        pid = await self.worker_of(uid)
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False  # its attempt is not taken over yet
        return True

    async def leases(self, uid: str) -> list[str]:
        """The leases that are held on an environment."""
        query = "select key from state_backend_manager.leases where expires_at > now() and key like '%' || $1 || '%'"
        return [row["key"] for row in await self.fetch(query, uid)]


@asynccontextmanager
async def opened(
    state: Path, *, workers: int = 2, lease_seconds: float = 4, stack: dict[str, str] | None = None
) -> AsyncIterator[Lab]:
    """A lab whose platform keeps its files in `state`. `stack` are settings on top."""
    synthesized = state / "synthesized"
    synthesized.mkdir(parents=True, exist_ok=True)
    ports = listening.free()
    settings = {**_SETTINGS, "PROVISIONING_LEASE_SECONDS": str(lease_seconds), **(stack or {})}
    async with AwsProxy(ports.sandbox) as proxy:
        platform = Platform(
            state,
            ports=ports,
            sandbox=Sandbox(kubernetes=False),
            modules=_MODULES,
            workers={"infra_engine": workers},
            extra={**settings, "AWS_ENDPOINT_URL": proxy.url, SYNTHESIZED: str(synthesized)},
        )
        async with platform, connected(platform.endpoints.environment_registry) as client, database(platform) as rows:
            yield Lab(platform, proxy, client, rows, await client.external_id(), lease_seconds)
