"""How a service's process ends: real processes, signals, a real database and event server."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import grpc.aio
import pytest

from libs.grpckit import open_channel
from tests.conftest import free_port

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
_PATIENCE = 60.0


class Served:
    """A running process, and what it has said."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address

    async def said(self, word: str) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            line = (await self.process.stdout.readline()).decode().strip()
        assert line == word, (line, await self.errors() if not line else "")

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")

    async def errors(self) -> str:
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def code(self, seconds: float = _PATIENCE) -> int:
        async with asyncio.timeout(seconds):
            return await self.process.wait()


Start = Callable[..., Awaitable[Served]]


@pytest.fixture
async def start(postgres_url: str, nats_url: str) -> AsyncIterator[Start]:
    processes: list[asyncio.subprocess.Process] = []

    async def run(role: str, case: str = "", *, drain: str = "600", nats: str = nats_url) -> Served:
        address = f"127.0.0.1:{free_port()}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.hosting.served", role),
            cwd=ROOT,
            env={
                **os.environ,
                "CASE": case,
                "TEST_ADDRESS": address,
                "PROVISIONING_POSTGRES_URL": postgres_url,
                "PROVISIONING_NATS_URL": nats,
                "PROVISIONING_DRAIN_SECONDS": drain,
                "PROVISIONING_LOG_LEVEL": "WARNING",
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        processes.append(process)
        return Served(process, address)

    yield run
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_call_under_way_comes_to_its_end(start: Start) -> None:
    served = await start("api")
    await served.said("ready")
    async with open_channel(served.address) as channel:
        call = asyncio.ensure_future(channel.unary_unary("/test.Hold/Hold")(b"brought"))
        await served.said("held")
        served.process.send_signal(signal.SIGTERM)
        await served.said("draining")
        served.go_on()
        assert await call == b"brought to its end"
    assert await served.code() == 0
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with open_channel(served.address) as channel:
            await channel.unary_unary("/test.Hold/Hold")(b"", timeout=5)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_call_that_does_not_end_is_cut_off_at_the_deadline(start: Start) -> None:
    served = await start("api", drain="0.2")
    await served.said("ready")
    async with open_channel(served.address) as channel:
        call = asyncio.ensure_future(channel.unary_unary("/test.Hold/Hold")(b""))
        await served.said("held")
        served.process.send_signal(signal.SIGTERM)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
    assert caught.value.code() in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE)
    assert await served.code() == 0


async def test_a_drain_that_does_not_end_is_cut_off_at_the_deadline(start: Start) -> None:
    served = await start("worker", "stuck", drain="0.2")
    await served.said("ready")
    served.process.send_signal(signal.SIGTERM)
    await served.said("draining")
    await served.said("let go")  # and only then is what runs told
    assert await served.code() == 0
    assert "1 of 1 drains did not end in time and are cut off" in await served.errors()


async def test_asked_a_second_time_it_waits_for_nothing(start: Start) -> None:
    served = await start("worker", "stuck", drain="600")
    await served.said("ready")
    served.process.send_signal(signal.SIGTERM)
    await served.said("draining")
    served.process.send_signal(signal.SIGTERM)
    await served.said("let go")
    assert await served.code() == 0


async def test_a_thread_that_never_returns_does_not_keep_the_process(start: Start) -> None:
    served = await start("worker", "thread", drain="0")
    await served.said("ready")
    served.process.send_signal(signal.SIGTERM)
    await served.said("let go")
    assert await served.code() == 1
    assert "did not end within 0.5 s of being asked: cut off" in await served.errors()


async def test_a_process_that_ends_by_itself_tells_it_by_its_exit_code(start: Start) -> None:
    served = await start("worker", "fails")
    await served.said("ready")
    served.go_on()
    assert await served.code() == 1
    assert "what it works with is gone" in await served.errors()


async def test_it_ends_while_what_it_needs_at_its_start_is_away(start: Start) -> None:
    """An event server that takes connections and says nothing, as one does that is being started."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        served = await start("worker", nats=f"nats://127.0.0.1:{silent.getsockname()[1]}")
        async with asyncio.timeout(_PATIENCE):
            connection, _ = await loop.sock_accept(silent)
        with connection:
            served.process.send_signal(signal.SIGTERM)
            assert await served.code() == 0
