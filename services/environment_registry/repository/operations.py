"""Rows of operations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.environment_registry.records import OperationRecord, OperationState, Verb
from services.environment_registry.tables import operations

_COLUMNS = [column for column in operations.c if column.name not in ("rendered", "number")]


async def load_operation(connection: AsyncConnection, operation_id: str) -> OperationRecord | None:
    """Answer an operation, or None when it never was or was forgotten."""
    row = (await connection.execute(sa.select(*_COLUMNS).where(operations.c.id == operation_id))).one_or_none()
    return _record(row) if row is not None else None


async def rendered_operation(
    connection: AsyncConnection, workspace: str, operation_id: str
) -> tuple[bytes, str] | None:
    """Answer an operation's rendering and its environment's uid, or None."""
    query = sa.select(operations.c.rendered, operations.c.uid).where(
        operations.c.id == operation_id, operations.c.workspace == workspace
    )
    row = (await connection.execute(query)).one_or_none()
    return (row.rendered, row.uid) if row is not None else None


async def rendered_operations(
    connection: AsyncConnection, workspace: str, *, before: int | None, limit: int, done: bool | None
) -> list[tuple[int, bytes]]:
    """Answer (number, rendering) of a workspace's operations, the newest first."""
    query = (
        sa.select(operations.c.number, operations.c.rendered)
        .where(operations.c.workspace == workspace)
        .order_by(operations.c.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(operations.c.number < before)
    if done is not None:
        running = operations.c.state == OperationState.RUNNING.value
        query = query.where(sa.not_(running) if done else running)
    return [(row.number, row.rendered) for row in await connection.execute(query)]


async def insert_operation(connection: AsyncConnection, record: OperationRecord, rendered: bytes) -> None:
    """Write a new operation."""
    await connection.execute(
        operations.insert().values(
            id=record.id,
            workspace=record.workspace,
            uid=record.uid,
            environment_id=record.environment_id,
            verb=record.verb.value,
            traceparent=record.traceparent,
            created_at=record.created_at,
            **_changing(record, rendered),
        )
    )


async def update_operation(connection: AsyncConnection, record: OperationRecord, rendered: bytes) -> None:
    """Write an operation back; the environment's lock is what guards it."""
    await connection.execute(
        operations.update().where(operations.c.id == record.id).values(**_changing(record, rendered))
    )


async def forget_operation(connection: AsyncConnection, operation_id: str) -> None:
    """Remove an operation's row."""
    await connection.execute(operations.delete().where(operations.c.id == operation_id))


def _changing(record: OperationRecord, rendered: bytes) -> dict[str, Any]:
    return {
        "state": record.state.value,
        "requested_cancellation": record.requested_cancellation,
        "error": record.error,
        "resources_done": record.resources_done,
        "resources_planned": record.resources_planned,
        "ended_at": record.ended_at,
        "details": record.details,
        "rendered": rendered,
    }


def _record(row: sa.Row[Any]) -> OperationRecord:
    return OperationRecord(
        id=row.id,
        workspace=row.workspace,
        uid=row.uid,
        environment_id=row.environment_id,
        verb=Verb(row.verb),
        traceparent=row.traceparent,
        created_at=row.created_at,
        state=OperationState(row.state),
        requested_cancellation=row.requested_cancellation,
        error=row.error,
        resources_done=row.resources_done,
        resources_planned=row.resources_planned,
        ended_at=row.ended_at,
        details=row.details,
    )
