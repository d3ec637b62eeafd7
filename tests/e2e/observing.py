"""What a test sees from beside the platform: steps as the services write them, leases, and the system's processes."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from libs.embedded.platform import Platform
from libs.embedded.postgres import DATABASE, SUPERUSER

STAGE_SERVICES = ("state_backend_manager", "infra_engine", "cluster_bootstrapper")
_PROGRAMS = ("terraform", "helm", "node")


def state_folder(platform: Platform) -> Path:
    return platform.endpoints.spans.parent


@asynccontextmanager
async def database(platform: Platform) -> AsyncIterator[asyncpg.Connection]:
    """The platform's Postgres as its superuser."""
    folder = state_folder(platform)
    password = json.loads((folder / "run" / "passwords.json").read_text())["postgres"]
    port = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[3])
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user=SUPERUSER, password=password, database=DATABASE
    )
    try:
        yield connection
    finally:
        with suppress(Exception):
            await connection.close(timeout=5)


async def newest_step(connection: asyncpg.Connection, uid: str) -> tuple[str, str] | None:
    """The stage and step that was begun last."""
    union = " union all ".join(
        f"select a.stage, s.step, s.started_at from {service}.attempt_steps s "
        f"join {service}.attempts a on a.id = s.attempt_id where a.uid = $1"
        for service in STAGE_SERVICES
    )
    row = await connection.fetchrow(f"select stage, step from ({union}) u order by started_at desc limit 1", uid)
    return None if row is None else (row["stage"], row["step"])


async def held_leases(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch("select key from state_backend_manager.leases where expires_at > now()")
    return [row["key"] for row in rows]


@dataclass(frozen=True)
class Seen:
    """A process of the system that works for the platform."""

    pid: int
    name: str
    folder: str
    parent: int


def programs_of(platform: Platform) -> list[Seen]:
    """Running programs that belong to this platform: their folder, arguments or variables say so."""
    marks = (str(state_folder(platform)).encode(), (platform.endpoints.sandbox or "-").encode())
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            name = (entry / "comm").read_text().strip()
            if not name.startswith(_PROGRAMS):
                continue
            folder = os.readlink(entry / "cwd")
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes() + folder.encode()
            if any(mark in told for mark in marks):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                found.append(Seen(int(entry.name), name, folder, parent))
    return found


@dataclass
class TerraformSampler:
    """Looks often at which Terraform commands run, and keeps every moment at which one environment had two."""

    platform: Platform
    doubles: list[list[Seen]] = field(default_factory=list)
    samples: int = 0

    async def run(self) -> None:
        while True:
            running = [one for one in await asyncio.to_thread(programs_of, self.platform) if one.name == "terraform"]
            # Between fork and exec, a provider that a Terraform starts still has its parent's name and folder.
            commands = {one.pid for one in running}
            found = [one for one in running if one.parent not in commands]
            self.samples += bool(found)
            counted = Counter(one.folder for one in found)
            self.doubles += [[one for one in found if one.folder == place] for place, n in counted.items() if n > 1]
            await asyncio.sleep(0.1)


@asynccontextmanager
async def terraform_watched(platform: Platform) -> AsyncIterator[TerraformSampler]:
    """No environment has two Terraform commands at any moment of this block; fails when one had."""
    sampler = TerraformSampler(platform)
    task = asyncio.create_task(sampler.run())
    try:
        yield sampler
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert not sampler.doubles, sampler.doubles
