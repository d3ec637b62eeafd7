"""Runs a platform until this process is told to end."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable

from libs.embedded.failures import PlatformError
from libs.embedded.layout import Layout
from libs.embedded.platform import Platform
from libs.embedded.specs import Sandbox


def run(layout: Layout, sandbox: Sandbox | bool) -> int:
    """Return 0 after SIGTERM, 130 after SIGINT, with everything ended."""

    async def wait(platform: Platform) -> int:
        await asyncio.Event().wait()
        return 0

    return run_with(layout, sandbox, wait)


def run_with(layout: Layout, sandbox: Sandbox | bool, work: Callable[[Platform], Awaitable[int]]) -> int:
    """Start a platform, do `work` on it and end it, whatever happens meanwhile; returns the exit code."""
    try:
        return asyncio.run(_main(layout, sandbox, work))
    except KeyboardInterrupt:
        print("embedded: interrupted; nothing is left running", file=sys.stderr)
        return 130
    except PlatformError as error:
        print(f"embedded: {error}", file=sys.stderr)
        return 1


async def _main(layout: Layout, sandbox: Sandbox | bool, work: Callable[[Platform], Awaitable[int]]) -> int:
    task = asyncio.current_task()
    assert task is not None
    ended_by: list[signal.Signals] = []
    started = time.monotonic()

    def tell(line: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {line}", flush=True)

    def end(sign: signal.Signals) -> None:
        # A second one is not heard: the first is being carried out, in bounded time.
        if not ended_by:
            ended_by.append(sign)
            task.cancel()
            tell("asked to end: running steps may end theirs, which can take half a minute")

    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sign, end, sign)

    try:
        async with Platform(layout.state, sandbox=sandbox, tell=tell) as platform:
            return await work(platform)
    except asyncio.CancelledError:
        if not ended_by:
            raise
        if ended_by[0] is signal.SIGINT:
            raise KeyboardInterrupt from None
        return 0
