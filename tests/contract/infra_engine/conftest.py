"""InfraService on a port of its own, over a real Postgres; a call with the metadata `only` may act there alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc.aio
import pytest
from provisioning.environment.v1 import stage_service_pb2_grpc
from provisioning.infra.v1 import infra_service_pb2_grpc

from libs.grpckit import Server, open_channel
from libs.grpckit.principals import Principal
from libs.persistence import Database
from libs.stages import AttemptRepository, FairQueue, Limits
from libs.stages.servicer import StageServicer
from services.infra_engine.api import InfraServicer
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.tables import METADATA, STAGE_TABLES
from tests.contract.infra_engine.attempts import WatchedReader
from tests.contract.stages import Stage

SERVICE = "provisioning.infra.v1.InfraService"


class Principals:
    async def identify(self, metadata: dict[str, str]) -> Principal:
        return Principal("somebody", frozenset([metadata["only"]]) if "only" in metadata else None)


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    await database.close()


@pytest.fixture
def reader(database: Database) -> WatchedReader:
    return WatchedReader(database, STAGE_TABLES)


@pytest.fixture
async def channel(database: Database, reader: WatchedReader) -> AsyncIterator[grpc.aio.Channel]:
    servicer = InfraServicer(AttemptRepository(database, STAGE_TABLES), ChangeRepository(database), reader)

    def register(server: grpc.aio.Server) -> None:
        infra_service_pb2_grpc.add_InfraServiceServicer_to_server(servicer, server)
        attempts = AttemptRepository(database, STAGE_TABLES)
        stage_service_pb2_grpc.add_StageServiceServicer_to_server(
            StageServicer(attempts, FairQueue(attempts, Limits())), server
        )

    server = Server("127.0.0.1:0", [SERVICE], register, Principals())
    await server.start()
    async with open_channel(f"127.0.0.1:{server.port}") as channel:
        yield channel
    await server.stop(0)


@pytest.fixture
def stage(database: Database, channel: grpc.aio.Channel) -> Stage:
    return Stage(database, STAGE_TABLES, channel)


@pytest.fixture
def infra(channel: grpc.aio.Channel) -> infra_service_pb2_grpc.InfraServiceStub:
    return infra_service_pb2_grpc.InfraServiceStub(channel)
