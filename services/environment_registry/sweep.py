"""The sweep: asks again whatever is overdue. Level-triggered: it looks at how things are, not at what was sent.

A hand-over is overdue when nothing was heard of its environment for a while. Its stage is asked how far it has come:

- it never received the request, or its worker has fallen silent: the request is sent again;
- it has answered and the answer was lost: the request is sent again, and the stage answers again;
- it is at work: nothing, but for a stop that it may not have received.

Everything that is sent again has a new event id, so that no inbox takes it for the first one; the hand-over's key is
the same, so the stage finds the attempt that it has.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol

from provisioning.environment.v1 import hand_over_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import OutgoingEvent, enqueue
from libs.persistence import Database
from services.environment_registry.hand_overs import SERVICE_OF, hand_over, request_event, stop_event
from services.environment_registry.lifecycle import Ask, Entry, Stage, Stop
from services.environment_registry.process import ProcessManager
from services.environment_registry.records import EnvironmentRecord
from services.environment_registry.repository import changes, environments, operations, requests
from services.environment_registry.tables import EVENTS

_log = logging.getLogger(__name__)

_BATCH = 20
_CHANGES_KEPT = timedelta(days=7)
_CLEANING_EVERY = 3600.0


class Standing(Enum):
    """How a stage says that a hand-over stands."""

    UNKNOWN = "unknown"
    OPEN = "open"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Progress:
    """What a stage says of a hand-over. `heartbeat_at` is when a worker last showed itself; the rest is for people."""

    standing: Standing
    heartbeat_at: datetime | None = None
    queue_position: int = 0
    waiting_for: str = ""
    retries: int = 0

    def news_of(self, entry: Entry) -> bool:
        """Say whether people would read something else of an entry than they do."""
        known = (entry.queue_position, entry.waiting_for, entry.retries)
        return self.standing is Standing.OPEN and known != (self.queue_position, self.waiting_for, self.retries)


class StagePort(Protocol):
    """Asks one stage service about hand-overs."""

    async def progress(self, key: hand_over_pb2.HandOver) -> Progress | None:
        """Answer how a hand-over stands; None when the service cannot be reached for the moment."""


class Sweep:
    """Looks at overdue environments until cancelled. Several may run at once.

    Args:
        stages: the port to each stage service, by the names of SERVICE_OF.
        every: how often it looks, in seconds.
        again_after: when it looks at the same environment again.
        silent_after: how old a heartbeat may be before the request is sent again.
        wake: called after a commit that wrote events.
    """

    def __init__(
        self,
        database: Database,
        stages: Mapping[str, StagePort],
        *,
        wake: Callable[[], None],
        every: float = 2.0,
        again_after: timedelta = timedelta(seconds=15),
        silent_after: timedelta = timedelta(seconds=30),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._stages = stages
        self._wake = wake
        self._every = every
        self._again_after = again_after
        self._silent_after = silent_after
        self._clock = clock
        self._manager = ProcessManager(clock=clock, sweep_after=again_after)

    async def run(self) -> None:
        """Run until cancelled."""
        clock = asyncio.get_running_loop().time
        next_cleaning = 0.0
        while True:
            try:
                await self.once()
                if clock() >= next_cleaning:
                    next_cleaning = clock() + _CLEANING_EVERY
                    await self._clean()
            except Exception as error:
                _log.warning("sweep: %s: %s", type(error).__name__, error)
            await asyncio.sleep(self._every)

    async def once(self) -> int:
        """Look at what is overdue now; answer the number of events that were sent again."""
        async with self._database.transaction() as connection:
            uids = await environments.claim_overdue(connection, again_after=self._again_after, limit=_BATCH)
        counts = await asyncio.gather(*(self._look_at(uid) for uid in uids))
        return sum(counts)

    async def _look_at(self, uid: str) -> int:
        async with self._database.transaction() as connection:
            record = await environments.lock_uid(connection, uid)
        if record is None:
            return 0
        # The stages are asked outside of any transaction.
        overdue: list[tuple[Stage, Entry, Progress]] = []
        news: list[tuple[Stage, Entry, Progress]] = []
        for stage, entry in record.vector.in_flight():
            key = hand_over(record, Ask(stage, entry.operation, entry.attempt))
            progress = await self._stages[SERVICE_OF[stage]].progress(key)
            if progress is not None and self._needs_asking(entry, progress):
                overdue.append((stage, entry, progress))
            if progress is not None and progress.news_of(entry):
                news.append((stage, entry, progress))
        if news:
            async with self._database.transaction() as connection:
                await self._note(connection, uid, news)
        if not overdue:
            return 0
        async with self._database.transaction() as connection:
            sent = await self._ask_again(connection, uid, overdue)
        self._wake()
        return sent

    def _needs_asking(self, entry: Entry, progress: Progress) -> bool:
        if progress.standing is not Standing.OPEN or entry.stopping:
            return True
        if progress.queue_position:
            return False  # it has the request, and its workers look for it by themselves
        heard = progress.heartbeat_at or entry.asked_at
        return heard is None or self._clock() - heard > self._silent_after

    async def _note(self, connection: AsyncConnection, uid: str, news: list[tuple[Stage, Entry, Progress]]) -> None:
        """Keep what the stages say of the queue and of retries; no decision rests on it."""
        record = await environments.lock_uid(connection, uid)
        if record is None:
            return
        operation = await operations.load_operation(connection, record.vector.operation)
        if operation is None:
            return
        for stage, entry, progress in news:
            now = record.vector.entry(stage)
            # What was heard meanwhile is newer.
            if now == entry:
                told = replace(
                    now, queue_position=progress.queue_position, waiting_for=progress.waiting_for,
                    retries=progress.retries,
                )  # fmt: skip
                record.vector = record.vector.with_entry(stage, told)
        await self._manager.save(connection, record, operation)

    async def _ask_again(
        self, connection: AsyncConnection, uid: str, overdue: list[tuple[Stage, Entry, Progress]]
    ) -> int:
        record = await environments.lock_uid(connection, uid)
        if record is None:
            return 0
        operation = await operations.load_operation(connection, record.vector.operation)
        traceparent = operation.traceparent if operation is not None else ""
        events: list[OutgoingEvent] = []
        for stage, entry, progress in overdue:
            now = record.vector.entry(stage)
            if not now.in_flight or (now.operation, now.attempt) != (entry.operation, entry.attempt):
                continue  # answered while the stage was asked
            events += _again(record, stage, now, progress, traceparent)
        for event in events:
            _log.info("asks again: %s", event.subject, extra={"environment": record.name, "uid": uid})
        await enqueue(connection, EVENTS, events)
        return len(events)

    async def _clean(self) -> None:
        async with self._database.transaction() as connection:
            await requests.forget_old_requests(connection)
            await changes.prune_changes(connection, _CHANGES_KEPT)


def _again(
    record: EnvironmentRecord, stage: Stage, entry: Entry, progress: Progress, traceparent: str
) -> list[OutgoingEvent]:
    """Answer what to send. A stop goes alone unless the answer is there: then only asking makes the stage repeat it."""
    if entry.stopping and progress.standing is not Standing.ANSWERED:
        stop = Stop(stage, entry.operation, entry.attempt)
        return [stop_event(record, stop, "asked to stop", traceparent)]
    return [request_event(record, Ask(stage, entry.operation, entry.attempt), traceparent)]
