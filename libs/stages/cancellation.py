"""Ending tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

from libs.interrupts.whole import to_its_end

# How long a task may take to notice, before it is told again, in seconds.
_AGAIN = 1.0


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels tasks until they have ended; what they raise is dropped.

    Once is not enough before Python 3.12: `asyncio.wait_for` loses a cancellation that comes as its work completes, and
    the NATS client waits by it. A cancellation of the caller waits until they have ended too: who lets go of them while
    they still work would give away what they work on.
    """
    await to_its_end(_end({task for task in tasks if not task.done()}))


async def _end(pending: set[asyncio.Task[Any]]) -> None:
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN)
