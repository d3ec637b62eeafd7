"""Follows one operation to its end: the watch for progress, WaitOperation for the end, both through outages."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import grpc
import grpc.aio
from google.longrunning import operations_pb2
from google.protobuf import duration_pb2
from provisioning.environment.v1 import environment_service_pb2 as messages

from libs.beta9ctl import names
from libs.beta9ctl.problem import ExitCode, Problem
from libs.beta9ctl.rpc import CALL_SECONDS, Platform, pause_seconds
from libs.beta9ctl.status import problem_of_call

WAIT_ROUND_SECONDS = 20
GIVE_UP_SECONDS = 180.0
_POLL_SECONDS = 2.0
_PASSING = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
)

Report = Callable[[Any], None]
Notice = Callable[[str], None]


async def follow(
    platform: Platform,
    operation: Any,
    target: str,
    report: Report,
    notice: Notice,
    give_up_seconds: float = GIVE_UP_SECONDS,
) -> Any:
    """Answers `operation` when it is done; `report` is given each newer state of it, `notice` a sentence about outages.

    `target` is the environment's resource name. Ending this leaves the operation alone. Raises Problem when the
    registry was not reached for `give_up_seconds`, or refused.
    """
    report(operation)
    if operation.done:
        return operation
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def seen(newer: Any) -> None:
        if newer.name == operation.name and not done.done():
            report(newer)
            if newer.done:
                done.set_result(newer)

    waiting = asyncio.create_task(_wait(platform, operation.name, seen, notice, give_up_seconds))
    watching = asyncio.create_task(_watch(platform, target, seen))
    try:
        await asyncio.wait({waiting, done}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            waiting.result()
        return await done
    finally:
        for task in (waiting, watching):
            task.cancel()
        await asyncio.gather(waiting, watching, return_exceptions=True)


async def _wait(platform: Platform, name: str, seen: Report, notice: Notice, give_up_seconds: float) -> None:
    """Asks until the operation is done; it alone decides when the registry is given up."""
    registry = platform.registry
    reached, failures, supported = time.monotonic(), 0, True
    while True:
        try:
            operation = await _ask(platform, name, supported)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.UNIMPLEMENTED and supported:
                supported = False
                continue
            problem = problem_of_call(error, registry.name, registry.address, registry.variable)
            if error.code() not in _PASSING or time.monotonic() - reached > give_up_seconds:
                raise problem from error
            failures += 1
            if failures == 1:
                notice(f"{problem.sentence} The operation goes on; trying again.")
            await asyncio.sleep(pause_seconds(failures))
            continue
        if failures:
            notice(f"The {registry.name} answers again.")
        reached, failures = time.monotonic(), 0
        seen(operation)
        if operation.done:
            return
        if not supported:
            await asyncio.sleep(_POLL_SECONDS)


async def _ask(platform: Platform, name: str, supported: bool) -> Any:
    if not supported:
        request = operations_pb2.GetOperationRequest(name=name)
        return await platform.operations.GetOperation(request, timeout=CALL_SECONDS)
    request = operations_pb2.WaitOperationRequest(name=name, timeout=duration_pb2.Duration(seconds=WAIT_ROUND_SECONDS))
    return await platform.operations.WaitOperation(request, timeout=WAIT_ROUND_SECONDS + CALL_SECONDS)


async def _watch(platform: Platform, target: str, seen: Report) -> None:
    """Progress alone: when the watch cannot be had, the end is still found by asking."""
    stream = changes(platform, names.parent(target), names.last(target), notice=lambda _: None)
    async with aclosing(stream):
        with contextlib.suppress(Problem):
            async for change in stream:
                seen(change.operation)


async def changes(
    platform: Platform,
    parent: str,
    environment_id: str,
    notice: Notice,
    give_up_seconds: float = GIVE_UP_SECONDS,
) -> AsyncGenerator[Any, None]:
    """Yields every WatchEnvironmentsResponse, the present state first, and goes on through outages where it was.

    Ends only by a Problem: a refusal that will not pass, or an outage longer than `give_up_seconds`.
    """
    registry, marker, failures, reached = platform.registry, "", 0, time.monotonic()
    while True:
        request = messages.WatchEnvironmentsRequest(parent=parent, environment_id=environment_id, resume_marker=marker)
        stream = platform.environments.WatchEnvironments(request)
        try:
            async for change in stream:
                if failures:
                    notice(f"The {registry.name} answers again.")
                marker, failures, reached = change.resume_marker, 0, time.monotonic()
                yield change
                reached = time.monotonic()
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.OUT_OF_RANGE and marker:
                marker = ""
                continue
            problem = problem_of_call(error, registry.name, registry.address, registry.variable)
            if error.code() not in _PASSING or time.monotonic() - reached > give_up_seconds:
                raise problem from error
            if not failures:
                notice(f"{problem.sentence} Trying again.")
        finally:
            stream.cancel()
        failures += 1
        await asyncio.sleep(pause_seconds(failures))


def timed_out(seconds: float, how_to_go_on: str) -> Problem:
    """The Problem of a wait that was given `seconds` and has used them."""
    return Problem(
        f"It is not done after {seconds:g} seconds; the operation goes on.",
        ExitCode.WAIT_TIMED_OUT,
        remedy=how_to_go_on,
    )
