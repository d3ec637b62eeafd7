"""Work that an interrupt must not break off."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
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


@contextmanager
def held_interrupts() -> Iterator[None]:
    """SIGINT that comes inside is raised at the end: between a fork and the note of it, a child would be lost."""
    came: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
