"""A database whose commits are done and not answered: what is run again must find what it wrote."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database

T = TypeVar("T")


def leave_commits_unanswered(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on `database.run` commits each transaction, hears nothing of it, and runs it again."""
    run = database.run

    async def committed_before(work: Callable[[AsyncConnection], Awaitable[T]], *, attempts: int | None = 5) -> T:
        async with database.transaction() as connection:
            await work(connection)
        return await run(work, attempts=attempts)

    monkeypatch.setattr(database, "run", committed_before)
