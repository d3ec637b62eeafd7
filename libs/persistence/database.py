"""`Database`: a pool of connections and the two ways to use it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

T = TypeVar("T")

# SQLSTATEs after which the same transaction can simply be run again (PostgreSQL manual, appendix A).
_CONFLICTS = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_READ_ONLY = "25006"  # a primary that has become a standby
# Admin shutdown, crash shutdown, cannot connect now; then whole classes: connection exceptions, and resources that the
# server lacks for the moment (disk, memory, connections).
_AWAY = frozenset({"57P01", "57P02", "57P03"})
_AWAY_CLASSES = ("08", "53")
_LONGEST_DELAY = 1.0


def is_transient(error: BaseException) -> bool:
    """Whether the database was away for a moment, so that the whole transaction may be run again."""
    if isinstance(error, (ConnectionError, asyncio.TimeoutError, InterfaceError)):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return _sqlstate(error) in _CONFLICTS | _AWAY | {_READ_ONLY} or _sqlstate(error)[:2] in _AWAY_CLASSES


def _sqlstate(error: BaseException) -> str:
    """The code of an error; what fails while a connection is opened is not wrapped as the rest is."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _leave_what_is_read_only(context: ExceptionContext) -> None:
    """A connection that was opened to a primary stays open when that has become a standby, and would fail for ever:
    none that is as old may be used again."""
    if _sqlstate(context.original_exception) == _READ_ONLY:
        context.is_disconnect = True


class Database:
    """A pool of connections to one service's schema.

    Args:
        url: `postgresql+asyncpg://role:password@host:port/database`; the role's search_path is its own schema.
        pool_size: connections kept; as many again may be opened for a moment.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=False,
            connect_args={"timeout": 10, "command_timeout": 30},
        )
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(self._engine.sync_engine, "handle_error", _leave_what_is_read_only)

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: commits at the end, rolls back on an exception. No network call belongs inside."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection without a transaction, for statements that read and of which each may stand alone.

        A third of a transaction's way to the server and back, which counts where one asks again and again.
        """
        async with self._reading.connect() as connection:
            yield connection

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]], *, attempts: int | None = 5) -> T:
        """Runs `work` in a transaction, again when the database was away for a moment.

        `work` must hold no effect outside the transaction, and must find the same when it was committed and the answer
        to that was lost. The last error is raised as it is; with `attempts` None it is tried until it is cancelled.
        """
        delay = 0.1
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self._engine.begin() as connection:
                    return await work(connection)
            except Exception as error:
                if attempt == attempts or not is_transient(error):
                    raise
                # What a failed-over server leaves behind, dead or read-only, is out of the pool by now: see above.
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_DELAY)

    async def close(self) -> None:
        """Closes every connection; the object cannot be used afterwards."""
        await self._engine.dispose()
