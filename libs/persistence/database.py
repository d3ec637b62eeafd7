"""`Database`: a pool of connections and the two ways to use it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

T = TypeVar("T")

# SQLSTATEs after which the same transaction can simply be run again (PostgreSQL manual, appendix A): serialization
# failure, deadlock, read-only transaction (a failed-over primary), admin shutdown, crash shutdown, cannot connect now.
_CONFLICTS = frozenset({"40001", "40P01"})
_TRANSIENT_SQLSTATES = _CONFLICTS | {"25006", "57P01", "57P02", "57P03"}


def is_transient(error: BaseException) -> bool:
    """Whether the database was away for a moment, so that the whole transaction may be run again."""
    if isinstance(error, (ConnectionError, asyncio.TimeoutError, InterfaceError)):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        return getattr(error.orig, "sqlstate", None) in _TRANSIENT_SQLSTATES
    return False


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

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: commits at the end, rolls back on an exception. No network call belongs inside."""
        async with self._engine.begin() as connection:
            yield connection

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]], *, attempts: int = 5) -> T:
        """Runs `work` in a transaction, again when the database was away for a moment.

        `work` must hold no effect outside the transaction. The last error is raised as it is.
        """
        delay = 0.1
        for attempt in range(1, attempts + 1):
            try:
                async with self._engine.begin() as connection:
                    return await work(connection)
            except Exception as error:
                if attempt == attempts or not is_transient(error):
                    raise
                if getattr(getattr(error, "orig", None), "sqlstate", None) not in _CONFLICTS:
                    # A failed-over server leaves dead or read-only connections behind: start from new ones.
                    await self._engine.dispose()
                await asyncio.sleep(delay)
                delay *= 2
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Closes every connection; the object cannot be used afterwards."""
        await self._engine.dispose()
