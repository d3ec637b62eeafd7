"""Migrations: alembic, one folder of versions a service, run as a job and never at a replica's start."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

T = TypeVar("T")

_SCRIPTS = Path(__file__).parent / "alembic"


def migrate(url: str, versions: Path, metadata: MetaData, *, to: str = "head") -> None:
    """Brings a service's schema to its newest version, or to the earlier one `to`. Idempotent; two at once wait for
    each other."""

    def upgrade(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(current_user))"))
        command.upgrade(_config(versions, connection, metadata), to)

    asyncio.run(_with_connection(url, upgrade))


def write_revision(url: str, versions: Path, metadata: MetaData, message: str) -> None:
    """Writes a new version file that brings a migrated schema to `metadata`. For developers."""

    def revision(connection: Connection) -> None:
        command.revision(
            _config(versions, connection, metadata),
            message=message,
            autogenerate=True,
            version_path=str(versions),
            rev_id=f"{len(list(versions.glob('*.py'))) + 1:04d}",
        )

    asyncio.run(_with_connection(url, revision))


def migration_drift(url: str, metadata: MetaData) -> list[object]:
    """What a new version would have to change so that the schema matches `metadata`; empty when nothing."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    return asyncio.run(_with_connection(url, compare))


def _config(versions: Path, connection: Connection, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


async def _with_connection(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
