"""GetEnvironment a second, over a bare grpc.aio echo that does one Postgres point read."""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc.aio
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1 import environment_service_pb2_grpc as service

from tests.bench.figures import Figure

_ROUNDS = 5
_SECONDS = 2.0
_IN_FLIGHT = 50


async def measure(registry: str, environment: str, postgres_url: str) -> list[Figure]:
    """`environment` is the resource name of one that is there; `postgres_url` the registry's own database."""
    echo = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("echo_server.py")), postgres_url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert echo.stdout is not None
        address = (await echo.stdout.readline()).decode().strip()
        async with grpc.aio.insecure_channel(address) as bare, grpc.aio.insecure_channel(registry) as ours:
            ask_bare = bare.unary_unary("/bench.Echo/Read")
            ask_ours = service.EnvironmentServiceStub(ours).GetEnvironment
            request = messages.GetEnvironmentRequest(name=environment)
            await _rate(lambda: ask_bare(b"x"), 0.5)
            await _rate(lambda: ask_ours(request), 0.5)
            # In turn, so that both meet the same noise.
            pairs = [
                (await _rate(lambda: ask_ours(request), _SECONDS), await _rate(lambda: ask_bare(b"x"), _SECONDS))
                for _ in range(_ROUNDS)
            ]
    finally:
        echo.terminate()
        await echo.wait()
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    detail = f"{statistics.median(p[0] for p in pairs):.0f}/s over {statistics.median(p[1] for p in pairs):.0f}/s"
    return [Figure("GetEnvironment over a bare echo with a point read", f"{ratio:.2f}", ">= 0.5", detail)]


async def _rate(call: Callable[[], Awaitable[object]], seconds: float) -> float:
    ends = time.perf_counter() + seconds
    done = 0

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await call()
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(_IN_FLIGHT)))
    return done / (time.perf_counter() - started)
