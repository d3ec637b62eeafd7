"""StateBackendService over gRPC from a real Postgres, one server for all tests: they keep apart by their workspaces."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1 import state_backend_service_pb2_grpc as service

from libs.embedded.postgres import Postgres
from libs.grpckit import Principal, Server, open_channel
from libs.persistence import Database
from services.state_backend_manager.api import StateBackendServicer
from services.state_backend_manager.audit_repository import AuditRepository
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.repository import StateBackendRecord, StateBackendRepository
from services.state_backend_manager.tables import METADATA
from services.state_backend_manager.versions import Stores

DIGEST = "0" * 64


class Callers:
    """Who a call says it is: `x-workspaces` are those that it may act in, all of them when it says nothing."""

    async def identify(self, metadata: dict[str, str]) -> Principal:
        told = metadata.get("x-workspaces")
        return Principal("tester", None if told is None else frozenset(told.split(",")))


@dataclass
class Served:
    """The API, and a workspace of the test's own."""

    database: Database
    stub: service.StateBackendServiceStub
    workspace: str = field(default_factory=lambda: f"w{secrets.token_hex(5)}")

    @property
    def parent(self) -> str:
        return f"workspaces/{self.workspace}"

    def backend_name(self, uid: str = "e1") -> str:
        return f"{self.parent}/stateBackends/{uid}"

    def uid(self, suffix: str = "e1") -> str:
        """An environment's uid, which no other workspace has."""
        return f"{self.workspace}-{suffix}"

    async def backend(self, suffix: str = "e1") -> str:
        """Record a state backend; answer its name."""
        uid = self.uid(suffix)
        environment = f"{self.parent}/environments/{suffix}"
        record = StateBackendRecord(
            uid, self.workspace, environment, "bucket", f"key/{uid}", "eu-west-1", False, datetime.now(UTC), 0
        )
        await StateBackendRepository(self.database).add(record)
        return self.backend_name(uid)

    async def lease(self, backend: str, holder: str = "worker-1", run: str = "run-1") -> resources.Lease:
        request = messages.AcquireLeaseRequest(
            key=f"{backend}/infra-engine", holder=holder, run=run, duration_milliseconds=30_000
        )
        return await self.stub.AcquireLease(request)

    async def record(self, backend: str, serial: int, *, fence: int) -> resources.StateVersion:
        return await self.stub.RecordStateVersion(recording(backend, serial, fence=fence))


def recording(backend: str, serial: int, *, fence: int, **changed: str | int) -> messages.RecordStateVersionRequest:
    """What an engine records after it has shipped a state."""
    version = resources.StateVersion(
        lineage="lineage", serial=serial, etag='"etag"', object_version=f"v{serial}", sha256=DIGEST, size_bytes=100,
        run="run-1", fence=fence, resources=3,
    )  # fmt: skip
    for name, value in changed.items():
        setattr(version, name, value)
    return messages.RecordStateVersionRequest(
        parent=backend, state_version=version, lease_key=f"{backend}/infra-engine"
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(postgres: Postgres) -> AsyncIterator[tuple[Database, service.StateBackendServiceStub]]:
    role, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(8)
    await asyncio.to_thread(lambda: asyncio.run(postgres.provision({role: password}, afresh=False)))
    database = Database(postgres.url(role, password))
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    servicer = StateBackendServicer(
        StateBackendRepository(database), LeaseRepository(database), AuditRepository(database), Stores(path_style=True)
    )
    server = Server(
        "127.0.0.1:0",
        ["provisioning.state.v1.StateBackendService"],
        lambda server: service.add_StateBackendServiceServicer_to_server(servicer, server),
        Callers(),
    )
    await server.start()
    async with open_channel(f"127.0.0.1:{server.port}") as channel:
        yield database, service.StateBackendServiceStub(channel)
    await server.stop(0)
    await database.close()


@pytest.fixture
def api(server: tuple[Database, service.StateBackendServiceStub]) -> Served:
    return Served(*server)
