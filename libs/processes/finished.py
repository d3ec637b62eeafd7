"""Runs a short program to its end and keeps what it said."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from libs.processes.child import ExitStatus
from libs.processes.spawning import spawn


@dataclass(frozen=True)
class Finished:
    """A program that has ended. `stdout` is whole, `stderr` holds its last lines."""

    status: ExitStatus
    stdout: str
    stderr: str


async def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str | None = None,
    input_text: str | None = None,
    time_limit: float | None = None,
    orphan_grace: float = 0.0,
) -> Finished:
    """Runs `argv` and waits. Raises `TimeoutError` after `time_limit` seconds; nothing of it lives then."""
    async with (
        asyncio.timeout(time_limit),
        spawn(argv, env=env, cwd=cwd, stdin=input_text is not None, orphan_grace=orphan_grace) as child,
    ):
        feeding = asyncio.create_task(_feed(child.stdin, input_text)) if input_text is not None else None
        lines = [line async for line in child.stdout_lines()]
        status = await child.wait()
        if feeding is not None:
            await feeding
        return Finished(status, "\n".join(lines), child.stderr_tail())


async def _feed(stdin: asyncio.StreamWriter, text: str) -> None:
    try:
        stdin.write(text.encode())
        await stdin.drain()
        stdin.close()
        await stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it ended without reading all of it
