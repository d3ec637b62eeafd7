"""A database that is away for a moment."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database


async def test_work_is_done_again_on_new_connections_when_the_server_had_become_read_only(postgres_url: str) -> None:
    database, other = Database(postgres_url, pool_size=1), Database(postgres_url, pool_size=1)
    calls = 0

    async def toggle(value: str) -> None:
        async with other.transaction() as connection:
            role = await connection.scalar(sa.select(sa.func.current_user()))
            await connection.execute(sa.text("SET TRANSACTION READ WRITE"))
            await connection.execute(sa.text(f'ALTER ROLE "{role}" SET default_transaction_read_only = {value}'))

    async def retried(connection: AsyncConnection) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            # From here on new sessions can write again; this one stays read-only, as after a failover.
            await toggle("off")
        await connection.execute(sa.text("CREATE TABLE made (n int)"))
        return calls

    try:
        await toggle("on")
        assert await database.run(retried) == 2
    finally:
        await toggle("off")
        await database.close()
        await other.close()


async def test_a_connection_that_the_server_ended_is_replaced(postgres_url: str) -> None:
    database, other = Database(postgres_url, pool_size=1), Database(postgres_url, pool_size=1)
    calls: list[int] = []

    async def work(connection: AsyncConnection) -> int:
        pid: int = await connection.scalar(sa.text("SELECT pg_backend_pid()"))
        calls.append(pid)
        if len(calls) == 1:
            async with other.transaction() as second:
                await second.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        await connection.execute(sa.text("SELECT 1"))
        return pid

    try:
        assert await database.run(work) == calls[1] != calls[0]
    finally:
        await database.close()
        await other.close()
