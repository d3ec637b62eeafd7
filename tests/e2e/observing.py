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

from libs.embedded.layout import SERVICES
from libs.embedded.platform import Platform
from libs.embedded.postgres import DATABASE, SUPERUSER

PROCESSES = tuple(f"{service}.{room}" for service in SERVICES for room in ("api", "worker"))
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


_TELL_STEP = """
create or replace function public.tell_step() returns trigger language plpgsql as $$
declare told text;
begin
  execute format('select json_build_array(uid, stage, $2)::text from %I.attempts where id = $1', TG_TABLE_SCHEMA)
    into told using new.attempt_id, new.step;
  perform pg_notify('steps', told);
  return null;
end $$
"""


@asynccontextmanager
async def steps_begun(platform: Platform) -> AsyncIterator[asyncio.Queue[tuple[str, str, str]]]:
    """Each environment's uid, stage and step, in the moment in which the step is begun for the first time."""
    begun: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()

    def told(connection: object, pid: int, channel: str, payload: str) -> None:
        begun.put_nowait(tuple(json.loads(payload)))

    async with database(platform) as connection:
        await connection.execute(_TELL_STEP)
        for service in STAGE_SERVICES:
            await connection.execute(
                f"create or replace trigger tell_step after insert on {service}.attempt_steps"
                " for each row execute function public.tell_step()"
            )
        await connection.add_listener("steps", told)
        yield begun


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
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            # This is asked often, and nearly always answered no.
            with open(f"/proc/{pid}/comm", errors="replace") as comm:
                name = comm.read().strip()
            if not name.startswith(_PROGRAMS):
                continue
            entry = Path("/proc", pid)
            folder = os.readlink(entry / "cwd")
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes() + folder.encode()
            if any(mark in told for mark in marks):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                found.append(Seen(int(pid), name, folder, parent))
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
