"""Rows of environments."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.environment_registry.records import Condition, Credentials, EnvironmentRecord, Kept
from services.environment_registry.repository.vectors import vector_from_json, vector_to_json
from services.environment_registry.tables import environments

# Everything but the rendering, which only readers want.
_COLUMNS = [column for column in environments.c if column.name not in ("rendered", "sweep_at", "number", "live")]
_RENDERED_BY_NAME = (
    sa.select(environments.c.rendered)
    .where(
        environments.c.workspace == sa.bindparam("workspace"),
        environments.c.environment_id == sa.bindparam("environment_id"),
    )
    .order_by(environments.c.number.desc())
    .limit(1)
)


async def rendered_environment(connection: AsyncConnection, workspace: str, environment_id: str) -> bytes | None:
    """Answer the rendered newest environment of a name, or None."""
    rendered: bytes | None = await connection.scalar(
        _RENDERED_BY_NAME, {"workspace": workspace, "environment_id": environment_id}
    )
    return rendered


async def rendered_page(
    connection: AsyncConnection, workspace: str, *, after: tuple[str, int], limit: int, deleted: bool
) -> list[tuple[str, int, bytes]]:
    """Answer (environment id, number, rendering) in the order of names, behind `after`."""
    query = (
        sa.select(environments.c.environment_id, environments.c.number, environments.c.rendered)
        .where(
            environments.c.workspace == workspace,
            sa.tuple_(environments.c.environment_id, environments.c.number) > sa.tuple_(*map(sa.literal, after)),
        )
        .order_by(environments.c.environment_id, environments.c.number)
        .limit(limit)
    )
    if not deleted:
        query = query.where(environments.c.live)
    return [(row.environment_id, row.number, row.rendered) for row in await connection.execute(query)]


async def lock_newest(connection: AsyncConnection, workspace: str, environment_id: str) -> EnvironmentRecord | None:
    """Answer the newest environment of a name, locked until the transaction's end."""
    query = (
        sa.select(*_COLUMNS)
        .where(environments.c.workspace == workspace, environments.c.environment_id == environment_id)
        .order_by(environments.c.number.desc())
        .limit(1)
        .with_for_update()
    )
    row = (await connection.execute(query)).one_or_none()
    return _record(row) if row is not None else None


async def lock_uid(connection: AsyncConnection, uid: str) -> EnvironmentRecord | None:
    """Answer an environment by its uid, locked until the transaction's end."""
    query = sa.select(*_COLUMNS).where(environments.c.uid == uid).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return _record(row) if row is not None else None


async def insert_environment(connection: AsyncConnection, record: EnvironmentRecord, rendered: bytes) -> bool:
    """Write a new environment; False when its name is taken by a live one."""
    statement = insert(environments).values(
        uid=record.uid,
        workspace=record.workspace,
        environment_id=record.environment_id,
        external_id=record.external_id,
        created_at=record.created_at,
        **_changing(record, rendered),
    )
    result = await connection.execute(
        statement.on_conflict_do_nothing(
            index_elements=[environments.c.workspace, environments.c.environment_id], index_where=environments.c.live
        )
    )
    return result.rowcount == 1


async def name_is_taken(connection: AsyncConnection, workspace: str, environment_id: str) -> bool:
    """Say whether a live environment has the name."""
    query = sa.select(sa.literal(1)).where(
        environments.c.workspace == workspace, environments.c.environment_id == environment_id, environments.c.live
    )
    return await connection.scalar(query) is not None


async def update_environment(connection: AsyncConnection, record: EnvironmentRecord, rendered: bytes) -> None:
    """Write a locked environment back."""
    await connection.execute(
        environments.update().where(environments.c.uid == record.uid).values(**_changing(record, rendered))
    )


async def schedule_sweep(connection: AsyncConnection, uid: str, after: timedelta | None) -> None:
    """Let the sweep look at an environment after a while, by the database's clock; None: not at all."""
    when = None if after is None else sa.func.now() + after
    await connection.execute(environments.update().where(environments.c.uid == uid).values(sweep_at=when))


async def claim_overdue(connection: AsyncConnection, *, again_after: timedelta, limit: int) -> list[str]:
    """Answer uids that are due for the sweep, and let no other sweep look at them for a while."""
    due = (
        sa.select(environments.c.uid)
        .where(environments.c.sweep_at <= sa.func.now())
        .order_by(environments.c.sweep_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        environments.update()
        .where(environments.c.uid.in_(due))
        .values(sweep_at=sa.func.now() + again_after)
        .returning(environments.c.uid)
    )
    return list((await connection.execute(statement)).scalars())


def _changing(record: EnvironmentRecord, rendered: bytes) -> dict[str, Any]:
    return {
        "live": record.live,
        "spec": record.spec,
        "generation": record.generation,
        "version": record.version,
        "vector": vector_to_json(record.vector),
        "outputs": record.outputs,
        "location": record.location,
        "failure": record.failure,
        "kept": [[kept.resource, kept.reason] for kept in record.kept],
        "conditions": [
            [condition.type, condition.status, condition.reason, condition.transition_at.isoformat()]
            for condition in record.conditions
        ],
        "updated_at": record.updated_at,
        "deleted_at": record.deleted_at,
        "built_generation": record.built_generation,
        "built_spec": record.built_spec,
        "allow_data_loss": record.allow_data_loss,
        "remove_state_bucket": record.remove_state_bucket,
        "credentials": asdict(record.credentials),
        "rendered": rendered,
    }


def _record(row: sa.Row[Any]) -> EnvironmentRecord:
    return EnvironmentRecord(
        uid=row.uid,
        workspace=row.workspace,
        environment_id=row.environment_id,
        spec=row.spec,
        external_id=row.external_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        vector=vector_from_json(row.vector),
        generation=row.generation,
        version=row.version,
        outputs=row.outputs,
        location=row.location,
        failure=row.failure,
        kept=tuple(Kept(resource, reason) for resource, reason in row.kept),
        conditions=tuple(
            Condition(kind, status, reason, datetime.fromisoformat(moment))
            for kind, status, reason, moment in row.conditions
        ),
        deleted_at=row.deleted_at,
        built_generation=row.built_generation,
        built_spec=row.built_spec,
        allow_data_loss=row.allow_data_loss,
        remove_state_bucket=row.remove_state_bucket,
        credentials=Credentials(**row.credentials),
    )
