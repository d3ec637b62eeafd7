"""What a killed Postgres leaves: for a moment its backends, and for good its `postmaster.pid`."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from libs.embedded.failures import PlatformError

_PATIENCE = 15.0


async def clear(data: Path) -> None:
    """Wait until no process works in the data folder, then remove the lock file of the one that did.

    Postgres itself takes a zombie for a living server, and where nobody reaps orphans (a container without an init) it
    would refuse to start for ever. Call it only while holding the right to run a platform there.
    """
    lock = data / "postmaster.pid"
    if not await asyncio.to_thread(lock.exists):
        return
    deadline = time.monotonic() + _PATIENCE
    while living := await asyncio.to_thread(_working_in, data):
        if time.monotonic() > deadline:
            raise PlatformError(f"another Postgres works in {data} (process {living[0]}): end it, then start again")
        await asyncio.sleep(0.05)
    await asyncio.to_thread(lock.unlink, missing_ok=True)


def _working_in(data: Path) -> list[int]:
    """Processes whose working folder it is, as that of every Postgres process is; zombies have none."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if os.readlink(process / "cwd") == str(data):
                    found.append(int(process.name))
            except OSError:
                continue  # it has ended, is a zombie, or is nobody whom we may look at
    return found
