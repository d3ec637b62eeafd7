"""The least that a gRPC service in Python can do: one point read a call, by the same driver and pool."""

import asyncio
import sys

import grpc
import grpc.aio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine


async def main(url: str) -> None:
    engine = create_async_engine(url, pool_size=5, max_overflow=5)
    read = sa.text("SELECT version_num FROM alembic_version WHERE version_num = :key")
    async with engine.connect() as connection:
        key = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))

    async def answer(request: bytes, context: object) -> bytes:
        async with engine.connect() as connection:
            return str(await connection.scalar(read, {"key": key})).encode()

    server = grpc.aio.server()
    handler = grpc.method_handlers_generic_handler("bench.Echo", {"Read": grpc.unary_unary_rpc_method_handler(answer)})
    server.add_generic_rpc_handlers((handler,))
    print(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
