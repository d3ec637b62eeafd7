"""Rows of what watchers are told.

A position is (transaction, sequence). Only transactions below the oldest one that still runs are read, so that nothing
which commits late is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.environment_registry.records import EnvironmentRecord
from services.environment_registry.tables import change_horizon, changes, environments, operations

_CURRENT = sa.text("pg_current_xact_id()::text::bigint")
_OLDEST_RUNNING = sa.text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One change, rendered as it is told."""

    position: Position
    workspace: str
    environment_id: str
    uid: str
    version: int
    environment: bytes
    operation: bytes


async def write_change(
    connection: AsyncConnection, record: EnvironmentRecord, environment: bytes, operation: bytes
) -> None:
    """Write a change in the transaction that makes it."""
    await connection.execute(
        changes.insert().values(
            transaction=_CURRENT,
            workspace=record.workspace,
            environment_id=record.environment_id,
            uid=record.uid,
            version=record.version,
            environment=environment,
            operation=operation,
        )
    )


async def read_changes(connection: AsyncConnection, after: Position, limit: int) -> list[Change]:
    """Answer the changes behind a position, in order."""
    query = (
        sa.select(changes)
        .where(
            sa.tuple_(changes.c.transaction, changes.c.sequence) > sa.tuple_(*map(sa.literal, after)),
            changes.c.transaction < _OLDEST_RUNNING,
        )
        .order_by(changes.c.transaction, changes.c.sequence)
        .limit(limit)
    )
    return [
        Change(
            (row.transaction, row.sequence), row.workspace, row.environment_id, row.uid, row.version,
            row.environment, row.operation,
        )
        for row in await connection.execute(query)
    ]  # fmt: skip


async def present_position(connection: AsyncConnection) -> Position:
    """Answer the position of all that has been committed."""
    return int(await connection.scalar(sa.select(_OLDEST_RUNNING)) or 0), 0


async def pruned_position(connection: AsyncConnection) -> Position:
    """Answer the position up to which changes have been forgotten."""
    row = (await connection.execute(sa.select(change_horizon.c.transaction, change_horizon.c.sequence))).one_or_none()
    return (row.transaction, row.sequence) if row is not None else (0, 0)


async def present_state(connection: AsyncConnection, workspace: str, environment_id: str) -> list[Change]:
    """Answer every live environment of a workspace with its newest operation, positioned before what is to come."""
    position = await present_position(connection)
    newest = environments.c.vector["operation"].astext
    query = (
        sa.select(environments, operations.c.rendered.label("operation"))
        .join(operations, operations.c.id == newest, isouter=True)
        .where(environments.c.workspace == workspace, environments.c.live)
        .order_by(environments.c.environment_id)
    )
    if environment_id:
        query = query.where(environments.c.environment_id == environment_id)
    return [
        Change(
            position, row.workspace, row.environment_id, row.uid, row.version, row.rendered, row.operation or b""
        )
        for row in await connection.execute(query)
    ]  # fmt: skip


async def prune_changes(connection: AsyncConnection, older_than: timedelta) -> None:
    """Forget old changes, and remember up to where."""
    statement = (
        changes.delete()
        .where(changes.c.created_at < sa.func.now() - older_than)
        .returning(changes.c.transaction, changes.c.sequence)
    )
    pruned = [(row.transaction, row.sequence) for row in await connection.execute(statement)]
    if not pruned:
        return
    transaction, sequence = max(pruned)
    values = {"transaction": transaction, "sequence": sequence}
    upsert = insert(change_horizon).values(id=1, **values)
    await connection.execute(
        upsert.on_conflict_do_update(
            index_elements=["id"],
            set_=values,
            where=sa.tuple_(change_horizon.c.transaction, change_horizon.c.sequence)
            < sa.tuple_(sa.literal(transaction), sa.literal(sequence)),
        )
    )
