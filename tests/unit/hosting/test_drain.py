"""What a process does when it is asked to end."""

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Any, cast

import pytest

from libs.hosting import Process, Settings


def process(drain_seconds: str = "5") -> Process:
    """A process that has opened nothing."""
    variables = {"PROVISIONING_POSTGRES_URL": "u", "PROVISIONING_DRAIN_SECONDS": drain_seconds}
    settings = Settings.read("X_ADDRESS", "127.0.0.1:1", variables)
    nothing = cast(Any, None)
    return Process(nothing, settings, nothing, nothing, nothing, AsyncExitStack(), "holder")


async def test_drains_share_one_deadline() -> None:
    """Each waits for the other, so that one after the other would never end."""
    both = asyncio.Barrier(2)
    allowed: list[float] = []

    async def drain(seconds: float) -> None:
        allowed.append(seconds)
        await both.wait()

    ending = process("7")
    ending.on_drain(drain)
    ending.on_drain(drain)
    ending.end()
    async with asyncio.timeout(5):
        await ending.until_ended()
    assert allowed == [7.0, 7.0]


async def test_a_drain_that_fails_does_not_cut_off_the_others(caplog: pytest.LogCaptureFixture) -> None:
    drained: list[str] = []

    async def failing(_: float) -> None:
        raise OSError("the network is away")

    async def slower(_: float) -> None:
        await asyncio.sleep(0)
        drained.append("the worker")

    ending = process()
    ending.on_drain(failing)
    ending.on_drain(slower)
    ending.end()
    with caplog.at_level(logging.ERROR):
        await ending.until_ended()
    assert drained == ["the worker"] and "a drain failed" in caplog.text


async def test_background_work_that_ends_ends_the_process_and_all_its_work() -> None:
    ended: list[str] = []

    async def lasting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("lasting")

    async def failing() -> None:
        raise OSError("the connection is lost")

    running = process()
    running.background(lasting(), "lasting")
    running.background(failing(), "failing")
    async with asyncio.timeout(5):
        await running.until_ended()
    assert ended == ["lasting"]
