"""The same for cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Do `work` whole: a cancellation that comes meanwhile is raised when it is done."""
    doing = asyncio.ensure_future(work)
    told: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError as cancelled:
            told = cancelled
    if told is not None:
        raise told
