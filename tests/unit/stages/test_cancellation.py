"""Tasks end, also those that lose a cancellation."""

import asyncio

import pytest

from libs.stages.cancellation import end_tasks


async def test_a_task_that_lost_a_cancellation_is_told_again() -> None:
    told = 0

    async def loses_the_first() -> None:
        nonlocal told
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1
                if told == 2:
                    raise

    task = asyncio.create_task(loses_the_first())
    await asyncio.sleep(0)
    await end_tasks([task])

    assert task.cancelled()


async def test_what_has_ended_is_left_as_it_is() -> None:
    async def answer() -> int:
        return 1

    task = asyncio.create_task(answer())
    await task
    await end_tasks([task])

    assert task.result() == 1


async def test_a_cancelled_caller_waits_for_them_and_is_cancelled_then() -> None:
    saved = asyncio.Event()

    async def saves() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            saved.set()

    task = asyncio.create_task(saves())
    await asyncio.sleep(0)
    ending = asyncio.create_task(end_tasks([task]))
    for _ in range(3):
        await asyncio.sleep(0)
        ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert saved.is_set() and task.done()
