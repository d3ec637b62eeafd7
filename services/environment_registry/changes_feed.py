"""The feed of changes: one reader of the table a process, many watchers."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import logging
from collections.abc import AsyncIterator

from libs.persistence import Database
from services.environment_registry import refusals
from services.environment_registry.repository import changes
from services.environment_registry.repository.changes import Change, Position

_log = logging.getLogger(__name__)

_POLL = 0.25
_BATCH = 200
# Changes that a watcher may lag behind before it is ended: several batches, a few megabytes at most.
QUEUE = 1000


class Watcher:
    """One client's bounded queue."""

    def __init__(self, workspace: str, environment_id: str, capacity: int) -> None:
        self._workspace = workspace
        self._environment_id = environment_id
        self._queue: asyncio.Queue[Change] = asyncio.Queue(capacity)
        self.too_slow = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Queue a change that the client watches; a full queue ends the client."""
        if change.workspace != self._workspace or self._environment_id not in ("", change.environment_id):
            return
        try:
            self._queue.put_nowait(change)
        except asyncio.QueueFull:
            self.too_slow.set()

    async def next(self) -> Change:
        """Answer the next change. Raises WATCHER_TOO_SLOW once what was queued before is told."""
        if self.too_slow.is_set() and self._queue.empty():
            raise refusals.watcher_too_slow()
        return await self._queue.get()


class Waiter:
    """Wakes one that waits for any change of an environment."""

    def __init__(self, uid: str) -> None:
        self._uid = uid
        self.changed = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Wake it when the change is its environment's."""
        if change.uid == self._uid:
            self.changed.set()


class ChangeFeed:
    """Reads changes as they are committed and offers each to every watcher. `run()` for as long as it serves."""

    def __init__(self, database: Database, *, capacity: int = QUEUE) -> None:
        self._database = database
        self._capacity = capacity
        self.watchers: set[Watcher] = set()
        self.waiters: set[Waiter] = set()
        self._position: Position | None = None
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Run until cancelled. Reads nothing while nobody watches."""
        while True:
            if not self.watchers and not self.waiters:
                self._position = None
                self._wake.clear()
                await self._wake.wait()
            try:
                full = await self._read()
            except Exception as error:
                _log.warning("watch: %s: %s", type(error).__name__, error)
                full = False
            if not full:
                await asyncio.sleep(_POLL)

    async def _read(self) -> bool:
        position = await self._begin()
        async with self._database.reading() as connection:
            found = await changes.read_changes(connection, position, _BATCH)
        for change in found:
            self._position = change.position
            listeners: list[Watcher | Waiter] = [*self.watchers, *self.waiters]
            for listener in listeners:
                listener.offer(change)
        return len(found) == _BATCH

    async def _begin(self) -> Position:
        """Answer the position behind which changes are offered, which is the present one when nobody listened before.

        Who joins sees to this before it reads for itself: what is committed after that read is then offered, however
        late the feed comes round to it.
        """
        if self._position is None:
            async with self._database.reading() as connection:
                present = await changes.present_position(connection)
            # Another may have set it meanwhile; that one is as good, and may be in use.
            self._position = self._position or present
        return self._position

    @contextlib.asynccontextmanager
    async def waiting(self, uid: str) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set by every change of an environment that is committed from now on."""
        waiter = Waiter(uid)
        self.waiters.add(waiter)
        try:
            self._wake.set()
            await self._begin()
            yield waiter.changed
        finally:
            self.waiters.discard(waiter)

    async def watch(self, workspace: str, environment_id: str, marker: str) -> AsyncIterator[Change]:
        """Yield the present state, or what is behind `marker`, and then every change as it comes.

        Raises RESUME_MARKER_INVALID, RESUME_MARKER_PRUNED, WATCHER_TOO_SLOW.
        """
        watcher = Watcher(workspace, environment_id, self._capacity)
        # Watches before it reads, so that no change falls between the two.
        self.watchers.add(watcher)
        self._wake.set()
        try:
            await self._begin()
            told: dict[str, int] = {}
            last: Position = read_marker(marker) if marker else (0, 0)
            async for change in self._backlog(workspace, environment_id, marker):
                last = max(last, change.position)
                told[change.uid] = change.version
                yield change
            while True:
                change = await watcher.next()
                # What the backlog has told already is not told again, and nothing older after it.
                if change.position <= last or change.version < told.get(change.uid, 0):
                    continue
                last, told[change.uid] = change.position, change.version
                yield change
        finally:
            self.watchers.discard(watcher)

    async def _backlog(self, workspace: str, environment_id: str, marker: str) -> AsyncIterator[Change]:
        position = read_marker(marker) if marker else None
        if position is None:
            async with self._database.reading() as connection:
                state = await changes.present_state(connection, workspace, environment_id)
            for change in state:
                yield change
            return
        async with self._database.reading() as connection:
            if position < await changes.pruned_position(connection):
                raise refusals.resume_marker_pruned()
        while True:
            async with self._database.reading() as connection:
                batch = await changes.read_changes(connection, position, _BATCH)
            for change in batch:
                position = change.position
                if change.workspace == workspace and environment_id in ("", change.environment_id):
                    yield change
            if len(batch) < _BATCH:
                return


def write_marker(position: Position) -> str:
    """Answer the opaque marker of a position."""
    return base64.urlsafe_b64encode(f"1.{position[0]}.{position[1]}".encode()).decode().rstrip("=")


def read_marker(marker: str) -> Position:
    """Answer the position of a marker. Raises RESUME_MARKER_INVALID."""
    with contextlib.suppress(ValueError, binascii.Error):
        text = base64.urlsafe_b64decode(marker + "=" * (-len(marker) % 4)).decode()
        version, transaction, sequence = text.split(".")
        position = int(transaction), int(sequence)
        # What the columns cannot hold must not fail in the query either.
        if version == "1" and all(0 <= number < 2**63 for number in position):
            return position
    raise refusals.resume_marker_invalid()
