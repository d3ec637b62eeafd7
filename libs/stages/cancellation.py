"""Ending tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

# How long a task may take to notice, before it is told again, in seconds.
_AGAIN = 1.0


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels tasks until they have ended; what they raise is dropped.

    Once is not enough before Python 3.12: `asyncio.wait_for` loses a cancellation that comes as its work completes, and
    the NATS client waits by it.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN)
