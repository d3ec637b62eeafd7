"""One process of a service: what it opens at its start, and the order in which it ends."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.aws_access import budget
from libs.eventing import Bus, EventTables, Relay
from libs.failures import Failure
from libs.hosting.ending import Drain, Ending, cut_off_after
from libs.hosting.settings import Settings
from libs.persistence import Database
from libs.stages.cancellation import end_tasks
from libs.telemetry import Telemetry, configure_logging

_log = logging.getLogger(__name__)

# What a process may take beyond its drain to stop what still ran (Terraform saves its state) and to close; the launcher
# and the examples of deployment kill a little later.
_CLOSING_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """What makes a service a service.

    Attributes:
        name: the service's name in telemetry, events and leases, such as "infra-engine".
        metadata, versions: its tables and the folder of its migrations.
        events: its outbox and inbox.
        read_settings: reads the settings that all services share.
        start_api, start_worker: open what the role needs on a `Process`, and return when it is ready.
    """

    name: str
    metadata: sa.MetaData
    versions: Path
    events: EventTables
    read_settings: Callable[[], Settings]
    start_api: Callable[["Process"], Awaitable[None]]
    start_worker: Callable[["Process"], Awaitable[None]]


@dataclass(slots=True)
class Process:
    """A running process. `stack` closes in reverse order; `background` tasks end the process when they end."""

    definition: ServiceDefinition
    settings: Settings
    database: Database
    bus: Bus
    relay: Relay
    stack: AsyncExitStack
    holder: str
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _ending: Ending = field(default_factory=Ending)
    _drains: list[Drain] = field(default_factory=list)

    def background(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Runs `work` until the process ends; if it ends by itself, the process fails."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)

    def on_drain(self, drain: Drain) -> None:
        """Called with the seconds allowed when the process is asked to end, before anything is closed.

        It is cancelled when they are over, or when the process is asked a second time.
        """
        self._drains.append(drain)

    def end(self) -> None:
        """As SIGTERM does: once in order, the second time at once."""
        self._ending.ask()

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s failed", task.get_name(), exc_info=error)
        self._ending.fail()

    async def until_ended(self) -> None:
        """Returns when the process was asked to end, its work was drained, and its tasks have ended."""
        await self._ending.begun()
        await self._ending.drain(self._drains, self.settings.drain_seconds)
        await end_tasks(self._tasks)


def main(definition: ServiceDefinition, arguments: Sequence[str] | None = None) -> int:
    """The whole of a service's `__main__`: answers the process's exit code.

    0 when it ended because it was asked to (SIGTERM or SIGINT), 1 when it could not start, could not go on or had to be
    cut off, 2 when it was called wrongly.
    """
    role = (sys.argv[1:] if arguments is None else list(arguments))[:1]
    if role not in (["api"], ["worker"], ["migrate"]):
        print(f"usage: python -m services.{definition.name.replace('-', '_')} api|worker|migrate", file=sys.stderr)
        return 2
    try:
        settings = definition.read_settings()
        configure_logging(settings.log_level)
        budget.allow(settings.aws_calls_per_second)
        if role == ["migrate"]:
            from libs.persistence.migrations import migrate  # a fifth of a start's time, and no other role needs it

            migrate(settings.postgres_url, definition.versions, definition.metadata)
        else:
            return asyncio.run(_run(definition, settings, role[0]))
    except Failure as failure:
        print(f"{failure.message} {failure.remedy}", file=sys.stderr)
        return 1
    return 0


async def _run(definition: ServiceDefinition, settings: Settings, role: str) -> int:
    ending = Ending()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.ask)

    async def asked_to_end() -> None:
        await ending.begun()
        cut_off_after(settings.drain_seconds + _CLOSING_SECONDS)

    asked = asyncio.create_task(asked_to_end())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(end_tasks, [asked])
        starting = asyncio.create_task(_start(definition, settings, role, ending, stack))
        # What it needs may be away for long, and need not come back for the process to end.
        await asyncio.wait([starting, asked], return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            await end_tasks([starting])
        if not starting.cancelled():
            await (await starting).until_ended()
    return 1 if ending.failed else 0


async def _start(
    definition: ServiceDefinition, settings: Settings, role: str, ending: Ending, stack: AsyncExitStack
) -> Process:
    telemetry = Telemetry(definition.name, role, spans_dir=settings.spans_dir, otlp=settings.otlp)
    stack.callback(telemetry.shutdown)
    database = Database(settings.postgres_url)
    stack.push_async_callback(database.close)
    holder = f"{definition.name}-{role}@{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"
    bus = await Bus.connect(settings.nats_url, name=f"{definition.name}-{role}", on_closed=ending.fail)
    stack.push_async_callback(bus.close)
    relay = Relay(database, definition.events, bus, source=f"/provisioning/{definition.name}")
    process = Process(definition, settings, database, bus, relay, stack, holder, _ending=ending)
    process.background(relay.run(), "relay")
    await (definition.start_api if role == "api" else definition.start_worker)(process)
    _log.info("%s %s is ready", definition.name, role)
    return process
