"""A small service, run as a process of its own: `python served.py api|worker`. What it does is in CASE.

It says on standard output how far it has come, and goes on at a line on standard input.
"""

import asyncio
import os
import sys
import threading
from pathlib import Path

import grpc
import grpc.aio
import sqlalchemy as sa

from libs.eventing import EventTables
from libs.hosting import Process, ServiceDefinition, Settings, main, process
from libs.hosting.stage_service import serve

CASE = os.environ["CASE"]
METADATA = sa.MetaData()


def say(word: str) -> None:
    print(word, flush=True)


def line_on_stdin() -> asyncio.Event:
    """Set when a line has come."""
    came = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(0, lambda: (sys.stdin.readline(), came.set(), loop.remove_reader(0)))
    return came


async def start_api(running: Process) -> None:
    go_on = line_on_stdin()

    async def hold(request: bytes, context: object) -> bytes:
        say("held")
        await go_on.wait()
        return request + b" to its end"

    handler = grpc.method_handlers_generic_handler("test.Hold", {"Hold": grpc.unary_unary_rpc_method_handler(hold)})

    async def told(seconds: float) -> None:
        say("draining")

    await serve(running, ["test.Hold"], lambda server: server.add_generic_rpc_handlers((handler,)))
    running.on_drain(told)
    say("ready")


async def start_worker(running: Process) -> None:
    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            say("let go")

    async def fails() -> None:
        await line_on_stdin().wait()
        raise OSError("what it works with is gone")

    async def endless_drain(seconds: float) -> None:
        say("draining")
        await asyncio.Event().wait()

    running.background(fails() if CASE == "fails" else forever(), CASE)
    if CASE == "stuck":
        running.on_drain(endless_drain)
    if CASE == "thread":
        process._CLOSING_SECONDS = 0.5
        asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
    say("ready")


if __name__ == "__main__":
    sys.exit(
        main(
            ServiceDefinition(
                name="test-service",
                metadata=METADATA,
                versions=Path(),
                events=EventTables.define(METADATA),
                read_settings=lambda: Settings.read("TEST_ADDRESS", "127.0.0.1:0"),
                start_api=start_api,
                start_worker=start_worker,
            )
        )
    )
