"""Polls until something is so, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")


async def poll(
    look: Callable[[], Awaitable[Found | None]], *, seconds: float, interval: float, cut: bool = False
) -> Found | None:
    """What `look` gives once it is not None, or None after `seconds`.

    It looks at least once, and a last time at the deadline. With `cut` a look that is still under way one interval
    later is ended; without, it is waited for, since who asks what is left must hear an answer. Times are of the
    monotonic clock.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            async with asyncio.timeout_at(deadline + interval if cut else None) as bound:
                found = await look()
        except TimeoutError:
            if not bound.expired():
                raise
            return None
        left = deadline - loop.time()
        if found is not None or left <= 0:
            return found
        await asyncio.sleep(min(interval, left))
