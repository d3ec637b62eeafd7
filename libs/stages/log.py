"""Command logs, kept in Postgres in chunks so that whoever serves them needs no disk of the worker."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from google.protobuf.timestamp_pb2 import Timestamp
from provisioning.environment.v1.hand_over_pb2 import LogLine

from libs.persistence import Database, insert_once
from libs.stages.tables import StageTables

_log = logging.getLogger(__name__)

# A cursor is chunk id * this + line index, so that a reader can go on within a chunk.
_LINES_PER_CHUNK = 1000
_FLUSH_SECONDS = 0.5
_POLL_SECONDS = 0.5


class LogWriter:
    """Collects an attempt's lines and writes them as chunks: `run()` while the attempt runs, `flush()` at once."""

    def __init__(self, database: Database, tables: StageTables, uid: str, attempt_id: str) -> None:
        self._database = database
        self._logs = tables.logs
        self._uid = uid
        self._attempt_id = attempt_id
        self._step = ""
        self._lines: list[tuple[str, float, str]] = []
        # Two writers at once would write the same lines, and drop those behind them.
        self._writing = asyncio.Lock()

    def enter(self, step: str) -> None:
        """Lines from now on belong to `step`."""
        self._step = step

    def add(self, text: str) -> None:
        self._lines.append((self._step, time.time(), text))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await self.flush()
            except Exception as error:
                _log.warning("log of %s: %s: %s", self._attempt_id, type(error).__name__, error)

    async def flush(self, *, attempts: int | None = 5) -> None:
        """Returns once every line added so far can be read; `attempts` None waits for a database that is away."""
        async with self._writing:
            await self._write(attempts)

    async def _write(self, attempts: int | None) -> None:
        while self._lines:
            step = self._lines[0][0]
            chunk = []
            for line_step, moment, text in self._lines[:_LINES_PER_CHUNK]:
                if line_step != step:
                    break
                chunk.append([moment, text])
            values = {"uid": self._uid, "attempt_id": self._attempt_id, "step": step, "lines": chunk}
            await insert_once(self._database, self._logs, values, attempts=attempts)
            del self._lines[: len(chunk)]


@dataclass(frozen=True, slots=True)
class LogReader:
    """Reads an environment's lines in order."""

    database: Database
    tables: StageTables

    async def read(self, workspace: str, uid: str, *, after: int, follow: bool) -> AsyncIterator[LogLine]:
        """Lines of a workspace's environment behind the cursor `after`; with `follow` also those to come, until no
        attempt of the environment is open any more."""
        cursor = after
        if not await self._has_attempts(workspace, uid):
            return
        while True:
            open_attempts = follow and await self._has_attempts(workspace, uid, "REQUESTED", "RUNNING")
            async for line in self._lines(uid, cursor):
                cursor = line.cursor
                yield line
            if not open_attempts:
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _lines(self, uid: str, after: int) -> AsyncIterator[LogLine]:
        logs = self.tables.logs
        chunk_id = after // _LINES_PER_CHUNK
        while True:
            async with self.database.transaction() as connection:
                row = (
                    await connection.execute(
                        sa.select(logs).where(logs.c.uid == uid, logs.c.id >= chunk_id).order_by(logs.c.id).limit(1)
                    )
                ).first()
            if row is None:
                return
            for index, (moment, text) in enumerate(row.lines):
                cursor = row.id * _LINES_PER_CHUNK + index
                if cursor > after:
                    stamp = Timestamp()
                    stamp.FromDatetime(datetime.fromtimestamp(moment, UTC))
                    yield LogLine(cursor=cursor, time=stamp, step=row.step, text=text)
            chunk_id = row.id + 1

    async def _has_attempts(self, workspace: str, uid: str, *states: str) -> bool:
        attempts = self.tables.attempts
        query = sa.select(sa.func.count()).where(attempts.c.workspace == workspace, attempts.c.uid == uid)
        async with self.database.transaction() as connection:
            return bool(await connection.scalar(query.where(attempts.c.state.in_(states)) if states else query))
