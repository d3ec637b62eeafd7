"""`env logs`"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import grpc.aio
from google.longrunning import operations_pb2
from provisioning.bootstrap.v1 import bootstrap_service_pb2
from provisioning.environment.v1.environment_pb2 import Environment
from provisioning.environment.v1.hand_over_pb2 import LogLine
from provisioning.infra.v1 import infra_service_pb2

from libs.beta9ctl import following, names
from libs.beta9ctl.commands.read import fetch
from libs.beta9ctl.operation_view import moment
from libs.beta9ctl.output import emit_line, say
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.rpc import ATTEMPTS, Endpoint, Platform, pause_seconds
from libs.beta9ctl.status import problem_of_call

_MISSING = datetime.min.replace(tzinfo=UTC)


@dataclass
class _Source:
    """One service's log of an environment; `cursor` is the last line that was printed."""

    label: str
    endpoint: Endpoint
    open: Callable[[int, bool], Any]
    cursor: int = 0

    async def lines(self, follow: bool) -> AsyncGenerator[LogLine, None]:
        """Yields the lines behind the cursor, through short outages; none when the service knows nothing of it."""
        failures, after = 0, self.cursor
        while True:
            stream = self.open(after, follow)
            try:
                async for response in stream:
                    failures, after = 0, response.line.cursor
                    yield response.line
                return
            except grpc.aio.AioRpcError as error:
                if error.code() == grpc.StatusCode.NOT_FOUND:
                    return
                failures += 1
                if error.code() != grpc.StatusCode.UNAVAILABLE or failures == ATTEMPTS:
                    at = self.endpoint
                    raise problem_of_call(error, at.name, at.address, at.variable) from error
                await asyncio.sleep(pause_seconds(failures))
            finally:
                stream.cancel()


async def run(options: Namespace) -> int:
    """Prints what there is in the order of time; with `follow`, what comes until the operation is done."""
    options.on_interrupt = "Stopped reading; nothing else was stopped."
    async with Platform(options) as platform:
        environment = await fetch(platform, options)
        sources = _sources(platform, environment)

        def show(source: _Source, line: LogLine) -> None:
            _print(options.output, source.label, line)
            source.cursor = line.cursor

        await _backlog(sources, show)
        if options.follow and environment.operation:
            await _until_done(platform, environment, sources, show)
            await _backlog(sources, show)
    return ExitCode.OK


def _sources(platform: Platform, environment: Environment) -> list[_Source]:
    parent = names.parent(environment.name)
    infra, deployments = platform.infra()
    bootstrap, bootstraps = platform.bootstrap()
    deployment = f"{parent}/deployments/{environment.uid}"
    return [
        _Source(
            "deployment",
            infra,
            lambda after, follow: deployments.StreamDeploymentLogs(
                infra_service_pb2.StreamDeploymentLogsRequest(name=deployment, after=after, follow=follow)
            ),
        ),
        _Source(
            "bootstrap",
            bootstrap,
            lambda after, follow: bootstraps.StreamBootstrapLogs(
                bootstrap_service_pb2.StreamBootstrapLogsRequest(
                    parent=parent, uid=environment.uid, after=after, follow=follow
                )
            ),
        ),
    ]


_Show = Callable[[_Source, LogLine], None]


async def _backlog(sources: list[_Source], show: _Show) -> None:
    """Merges what the sources hold by now, by time, a line of each in memory."""
    streams = [source.lines(follow=False) for source in sources]
    heads = [await anext(stream, None) for stream in streams]
    while any(head is not None for head in heads):
        first = min((i for i, head in enumerate(heads) if head is not None), key=lambda i: _time(heads[i]))
        line = heads[first]
        assert line is not None
        show(sources[first], line)
        heads[first] = await anext(streams[first], None)


async def _until_done(platform: Platform, environment: Environment, sources: list[_Source], show: _Show) -> None:
    request = operations_pb2.GetOperationRequest(name=environment.operation)
    operation = await platform.registry.call(platform.operations.GetOperation, request)
    end = asyncio.create_task(following.follow(platform, operation, environment.name, lambda _: None, say))
    tails = [asyncio.create_task(_tail(source, show)) for source in sources]
    try:
        await asyncio.wait([end, *tails], return_when=asyncio.FIRST_COMPLETED)
        for task in (end, *tails):
            if task.done():
                task.result()
        await end
    finally:
        for task in (end, *tails):
            task.cancel()
        await asyncio.gather(end, *tails, return_exceptions=True)


async def _tail(source: _Source, show: _Show) -> None:
    """Follows one source for good: its stream ends with each run, and the next run may yet come."""
    while True:
        stream = source.lines(follow=True)
        async with aclosing(stream):
            async for line in stream:
                show(source, line)
        await asyncio.sleep(1.0)


def _time(line: LogLine | None) -> datetime:
    return (moment(line.time) if line else None) or _MISSING


def _print(form: str, label: str, line: LogLine) -> None:
    at = _time(line).strftime("%Y-%m-%dT%H:%M:%SZ")
    data = {"time": at, "source": label, "step": line.step, "text": line.text}
    emit_line(form, data, f"{at} {label}/{line.step} | {line.text}")
