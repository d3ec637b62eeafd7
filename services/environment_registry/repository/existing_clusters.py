"""Rows of the customers' clusters that environments are built in: each takes one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.environment_registry.tables import environments, existing_clusters


async def claim_cluster(
    connection: AsyncConnection, uid: str, *, account_id: str, region: str, cluster: str
) -> tuple[str, str] | None:
    """Give a cluster to an environment; None when that has it now, else (workspace, environment id) of who has it.

    A cluster is free again once its environment is DELETED. Of two that ask at once one waits here for the other's
    transaction. Idempotent.
    """
    table = existing_clusters.c
    statement = insert(existing_clusters).values(account_id=account_id, region=region, cluster=cluster, uid=uid)
    holder = sa.select(environments.c.uid).where(environments.c.uid == table.uid, environments.c.live)
    claimed = await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.account_id, table.region, table.cluster],
            set_={"uid": uid},
            where=sa.or_(table.uid == uid, ~holder.correlate(existing_clusters).exists()),
        )
    )
    if claimed.rowcount == 1:
        return None
    query = (
        sa.select(environments.c.workspace, environments.c.environment_id)
        .join(existing_clusters, environments.c.uid == table.uid)
        .where(table.account_id == account_id, table.region == region, table.cluster == cluster)
    )
    row = (await connection.execute(query)).one()
    return row.workspace, row.environment_id
