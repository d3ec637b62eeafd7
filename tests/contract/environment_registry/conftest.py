"""The front door over gRPC from a real Postgres, one server for all tests: they keep apart by their workspaces.

No stage runs; a test says what becomes of the hand-overs.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from google.longrunning import operations_pb2, operations_pb2_grpc
from provisioning.environment.v1 import environment_pb2, environment_service_pb2_grpc, failure_pb2
from provisioning.environment.v1 import environment_service_pb2 as messages

from libs.embedded.postgres import Postgres
from libs.grpckit import Server, open_channel
from libs.persistence import Database
from services.environment_registry.api.environment_servicer import EnvironmentServicer
from services.environment_registry.api.operations_servicer import OperationsServicer
from services.environment_registry.api.start import SERVICES
from services.environment_registry.changes_feed import ChangeFeed
from services.environment_registry.lifecycle import Answer, Kind, Stage
from services.environment_registry.process import ProcessManager
from services.environment_registry.reading import Reader
from services.environment_registry.registry import Registry
from services.environment_registry.repository import environments, operations
from services.environment_registry.tables import METADATA
from tests.contract.state_backend_manager.conftest import Callers
from tests.integration.environment_registry.conftest import document


@dataclass
class Running:
    """The API that all tests share."""

    database: Database
    manager: ProcessManager
    environments: environment_service_pb2_grpc.EnvironmentServiceStub
    operations: operations_pb2_grpc.OperationsStub


@dataclass
class Door:
    """The API, and a workspace of the test's own."""

    running: Running
    workspace: str = field(default_factory=lambda: f"w{secrets.token_hex(5)}")

    @property
    def environments(self) -> environment_service_pb2_grpc.EnvironmentServiceStub:
        return self.running.environments

    @property
    def operations(self) -> operations_pb2_grpc.OperationsStub:
        return self.running.operations

    @property
    def parent(self) -> str:
        return f"workspaces/{self.workspace}"

    def name(self, environment_id: str = "one") -> str:
        return f"{self.parent}/environments/{environment_id}"

    def creation(self, environment_id: str = "one") -> messages.CreateEnvironmentRequest:
        return messages.CreateEnvironmentRequest(
            parent=self.parent,
            environment_id=environment_id,
            environment=environment_pb2.Environment(spec=document()),
        )

    async def create(self, environment_id: str = "one") -> operations_pb2.Operation:
        return await self.environments.CreateEnvironment(self.creation(environment_id))

    async def get(self, environment_id: str = "one") -> environment_pb2.Environment:
        return await self.environments.GetEnvironment(messages.GetEnvironmentRequest(name=self.name(environment_id)))

    async def operation(self, name: str) -> operations_pb2.Operation:
        return await self.operations.GetOperation(operations_pb2.GetOperationRequest(name=name))

    async def fail(self, reason: str = "QUOTA", environment_id: str = "one") -> None:
        """Let the stage that is being worked on fail."""
        failure = failure_pb2.Failure(
            reason=reason, message="Too many.", actor=failure_pb2.ACTOR_CUSTOMER, remedy="Ask for more."
        )
        await self._answer(environment_id, Kind.FAILED, failure)

    async def stopped(self, environment_id: str = "one") -> None:
        """Let the stage that is being worked on say that it has stopped."""
        await self._answer(environment_id, Kind.STOPPED)

    async def finish(self, environment_id: str = "one") -> None:
        """Let every stage succeed until none is awaited."""
        while (stage := await self._awaited(environment_id)) is not None:
            if stage is Stage.DEPLOYMENT:
                await self._answer(environment_id, Kind.CLUSTER_AVAILABLE, stage=stage)
                await self._answer(environment_id, Kind.BACKENDS_AVAILABLE, stage=stage)
            await self._answer(environment_id, Kind.SUCCEEDED, stage=stage)

    async def _awaited(self, environment_id: str) -> Stage | None:
        async with self.running.database.transaction() as connection:
            record = await environments.lock_newest(connection, self.workspace, environment_id)
            assert record is not None
            return next((stage for stage, _ in record.vector.in_flight()), None)

    async def _answer(
        self,
        environment_id: str,
        kind: Kind,
        failure: failure_pb2.Failure | None = None,
        stage: Stage | None = None,
    ) -> None:
        async with self.running.database.transaction() as connection:
            record = await environments.lock_newest(connection, self.workspace, environment_id)
            assert record is not None
            operation = await operations.load_operation(connection, record.vector.operation)
            assert operation is not None
            awaited = dict(record.vector.in_flight())
            stage = stage or next(iter(awaited))
            entry = awaited[stage]
            answer = Answer(kind, stage, entry.operation, entry.attempt)
            await self.running.manager.take(connection, record, operation, answer, failure=failure)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(postgres: Postgres) -> AsyncIterator[Running]:
    role, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(8)
    await asyncio.to_thread(lambda: asyncio.run(postgres.provision({role: password}, afresh=False)))
    database = Database(postgres.url(role, password))
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    manager, feed = ProcessManager(), ChangeFeed(database)
    registry, reader = Registry(database, manager, lambda: None), Reader(database, feed)

    def register(server: object) -> None:
        environment_service_pb2_grpc.add_EnvironmentServiceServicer_to_server(
            EnvironmentServicer(registry, reader, feed), server
        )
        operations_pb2_grpc.add_OperationsServicer_to_server(OperationsServicer(registry, reader), server)

    server = Server("127.0.0.1:0", SERVICES, register, Callers())
    await server.start()
    feeding = asyncio.create_task(feed.run())
    async with open_channel(f"127.0.0.1:{server.port}") as channel:
        yield Running(
            database,
            manager,
            environment_service_pb2_grpc.EnvironmentServiceStub(channel),
            operations_pb2_grpc.OperationsStub(channel),
        )
    await server.stop(0)
    feeding.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await feeding
    await database.close()


@pytest.fixture
def door(running: Running) -> Door:
    return Door(running)
