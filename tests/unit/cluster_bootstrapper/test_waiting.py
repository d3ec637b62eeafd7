"""Polling with a deadline."""

import asyncio

import pytest

from services.cluster_bootstrapper.waiting import poll


async def test_a_look_that_hangs_is_ended_soon_after_the_deadline() -> None:
    ended: list[bool] = []

    async def look() -> str | None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return "never"

    async with asyncio.timeout(5):
        assert await poll(look, seconds=0.02, interval=0.01, cut=True) is None
    assert ended == [True]


async def test_a_look_that_takes_long_is_waited_for() -> None:
    """What is left after a drain is not known by half a look."""
    looked: list[bool] = []

    async def look() -> str | None:
        await asyncio.sleep(0.05)
        looked.append(True)
        return None

    assert await poll(look, seconds=0.01, interval=0.01) is None
    assert looked == [True]


async def test_it_looks_once_without_any_time_and_says_what_it_found() -> None:
    async def look() -> str | None:
        return "found"

    assert await poll(look, seconds=0, interval=1) == "found"


async def test_a_timeout_of_the_look_itself_is_not_the_deadline() -> None:
    async def look() -> str | None:
        raise TimeoutError("the socket")

    with pytest.raises(TimeoutError, match="the socket"):
        await poll(look, seconds=60, interval=1)
