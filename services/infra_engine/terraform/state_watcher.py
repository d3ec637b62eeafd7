"""Follows a state file while Terraform writes it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from services.infra_engine.terraform.state_file import StateSnapshot, parse_state


class StateWatcher:
    """Yields each newer whole state of one lineage; what is empty, torn, older or foreign is passed over.

    Terraform writes the state after every resource, so the file is looked at whenever `poke` is called (a resource
    has been completed) and every `interval` seconds besides. States that follow each other fast may be skipped; the
    last one is never: `stop` makes `changes` look once more and end.
    """

    def __init__(self, path: Path, *, known: StateSnapshot | None = None, interval: float = 0.5) -> None:
        """`known` is the state that is shipped already."""
        self._path = path
        self._last = known
        self._interval = interval
        self._wake = asyncio.Event()
        self._stopped = False
        self._seen: tuple[int, int] | None = None

    @property
    def last(self) -> StateSnapshot | None:
        """The newest state seen, or `known`."""
        return self._last

    def poke(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Ends `changes` after a last look. Call it once Terraform has ended."""
        self._stopped = True
        self._wake.set()

    async def changes(self) -> AsyncIterator[StateSnapshot]:
        while True:
            ending = self._stopped
            self._wake.clear()
            if (snapshot := await asyncio.to_thread(self._look)) is not None:
                self._last = snapshot
                yield snapshot
            if ending:
                return
            if not self._stopped:
                try:
                    async with asyncio.timeout(self._interval):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    def _look(self) -> StateSnapshot | None:
        try:
            stat = self._path.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            if mark == self._seen:
                return None
            snapshot = parse_state(self._path.read_bytes())
        except OSError:
            return None
        if snapshot is None:
            return None  # caught in the middle of a write: look again, whatever its time stamp will be
        self._seen = mark
        if self._last is not None and (snapshot.lineage != self._last.lineage or snapshot.serial <= self._last.serial):
            return None
        return snapshot
