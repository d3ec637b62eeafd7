"""Rows that make a repeated request harmless, and the workspaces' external ids."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.environment_registry.tables import external_ids, request_ids

# The contract promises a day; the rest is for clocks and retries at its end.
_KEPT = sa.text("interval '25 hours'")


async def reserve_request(
    connection: AsyncConnection, workspace: str, request_id: str, digest: bytes
) -> tuple[bytes, bytes] | None:
    """Note a request; None when it is new, else (digest, answer) of the first of that id.

    A second request of one id waits here until the first one's transaction has ended.
    """
    statement = insert(request_ids).values(workspace=workspace, request_id=request_id, digest=digest, answer=b"")
    result = await connection.execute(statement.on_conflict_do_nothing())
    if result.rowcount == 1:
        return None
    query = sa.select(request_ids.c.digest, request_ids.c.answer).where(
        request_ids.c.workspace == workspace, request_ids.c.request_id == request_id
    )
    row = (await connection.execute(query)).one()
    return row.digest, row.answer


async def note_answer(connection: AsyncConnection, workspace: str, request_id: str, answer: bytes) -> None:
    """Keep what a request was answered."""
    await connection.execute(
        request_ids.update()
        .where(request_ids.c.workspace == workspace, request_ids.c.request_id == request_id)
        .values(answer=answer)
    )


async def forget_old_requests(connection: AsyncConnection) -> None:
    """Remove the requests whose day is over."""
    await connection.execute(request_ids.delete().where(request_ids.c.created_at < sa.func.now() - _KEPT))


async def external_id_of(connection: AsyncConnection, workspace: str) -> str:
    """Answer the workspace's external id; empty when none was issued."""
    query = sa.select(external_ids.c.external_id).where(external_ids.c.workspace == workspace)
    return await connection.scalar(query) or ""


async def issue_external_id(connection: AsyncConnection, workspace: str, candidate: str) -> str:
    """Answer the workspace's external id, which is `candidate` when none was issued before."""
    statement = insert(external_ids).values(workspace=workspace, external_id=candidate)
    await connection.execute(statement.on_conflict_do_nothing())
    return await external_id_of(connection, workspace)
