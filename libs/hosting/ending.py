"""Whether a process is to end and how urgently, and the last resort when it does not."""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Sequence

from libs.stages.cancellation import end_tasks

_log = logging.getLogger(__name__)

Drain = Callable[[float], Awaitable[None]]
"""Lets running work end, for at most so many seconds."""

# What a drain may take beyond its seconds before it is cut off: it keeps to them by itself, a little late.
_SLACK_SECONDS = 0.5


class Ending:
    """Set by a signal or by what the process cannot do without.

    Attributes:
        failed: whether the process ends because something of it has ended, which nobody asked for.
    """

    def __init__(self) -> None:
        self.failed = False
        self._begun = asyncio.Event()
        self._hurried = asyncio.Event()

    def ask(self) -> None:
        """Ends the process in order; asked a second time, what runs is not waited for any more."""
        if self._begun.is_set():
            self._hurried.set()
        self._begun.set()

    def fail(self) -> None:
        """Ends the process in order, and its exit code tells that nobody had asked for it."""
        self.failed = self.failed or not self._begun.is_set()
        self._begun.set()

    async def begun(self) -> None:
        """Returns when the process is to end."""
        await self._begun.wait()

    async def drain(self, drains: Sequence[Drain], seconds: float) -> None:
        """Side by side: what is allowed is allowed once, not once for each, and one that fails cuts off no other."""
        draining = [asyncio.create_task(_drained(drain, seconds)) for drain in drains]
        hurried = asyncio.create_task(self._hurry(draining))
        if draining:
            _, late = await asyncio.wait(draining, timeout=seconds + _SLACK_SECONDS)
            if late:
                _log.warning("%d of %d drains did not end in time and are cut off", len(late), len(draining))
            await end_tasks(late)
        await end_tasks([hurried])
        for task in draining:
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("a drain failed", exc_info=error)

    async def _hurry(self, draining: Sequence[asyncio.Task[None]]) -> None:
        await self._hurried.wait()
        _log.warning("asked to end a second time: what runs is not waited for")
        await end_tasks(draining)


async def _drained(drain: Drain, seconds: float) -> None:
    await drain(seconds)


def cut_off_after(seconds: float) -> None:
    """Ends this process for certain: a thread that never returns, or a task that takes no cancellation, would keep it.

    Children end with it, as they hang under supervisors; attempts are taken up when their leases have run out.
    """

    def end() -> None:
        _log.error("the process did not end within %g s of being asked: cut off", seconds)
        logging.shutdown()
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
