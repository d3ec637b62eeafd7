"""The bootstrapper's own `api` process, on a database that its own `migrate` made; one for all tests of this folder.

They keep apart by their workspaces.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc.aio
import pytest
from google.protobuf.message import Message
from provisioning.bootstrap.v1 import bootstrap_service_pb2_grpc, events_pb2

from libs.embedded.postgres import Postgres
from libs.failures import Actor, Failure, Kind
from libs.grpckit import open_channel
from libs.persistence import Database
from services.cluster_bootstrapper.tables import STAGE_TABLES
from tests.conftest import free_port, listening, wait_for
from tests.contract.stages import Stage

ROOT = Path(__file__).parents[3]
SILENT = Failure(
    "GATEWAY_NEVER_ANSWERED",
    "The gateway was silent.",
    kind=Kind.DEADLINE_EXCEEDED,
    actor=Actor.PLATFORM,
    remedy="See its log.",
)


@pytest.fixture(scope="session")
def bootstrapper(
    postgres: Postgres, nats_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The address of the running API, and that of its database."""
    role, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(8)
    asyncio.run(postgres.provision({role: password}, afresh=False))
    address, url = f"127.0.0.1:{free_port()}", postgres.url(role, password)
    environment = {
        **os.environ,
        "PROVISIONING_POSTGRES_URL": url,
        "PROVISIONING_NATS_URL": nats_url,
        "PROVISIONING_DRAIN_SECONDS": "0",
        "CLUSTER_BOOTSTRAPPER_ADDRESS": address,
    }
    command = [sys.executable, "-m", "services.cluster_bootstrapper"]
    subprocess.run([*command, "migrate"], cwd=ROOT, env=environment, check=True, timeout=120)
    log = tmp_path_factory.mktemp("bootstrapper") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "api"], cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        port = int(address.rpartition(":")[2])
        wait_for(lambda: listening(port) or process.poll() is not None, "the API's start", 60)
        assert process.poll() is None, log.read_text()
        yield address, url
    finally:
        process.terminate()
        code = process.wait(60)
    assert code == 0, log.read_text()


@dataclass
class Served:
    """The API over gRPC, and a workspace of the test's own in its database."""

    stage: Stage
    workspace: str = field(default_factory=lambda: f"w{secrets.token_hex(5)}")

    @property
    def stub(self) -> bootstrap_service_pb2_grpc.BootstrapServiceStub:
        return bootstrap_service_pb2_grpc.BootstrapServiceStub(self.stage.channel)

    @property
    def parent(self) -> str:
        return f"workspaces/{self.workspace}"

    def uid(self, suffix: str) -> str:
        return f"{self.workspace}-{suffix}"

    def operation(self, suffix: str) -> str:
        return f"{self.workspace}-{suffix}"

    async def bootstrap(self, stage: str, uid: str = "e1", operation: str = "op1") -> str:
        """A hand-over; answers its bootstrap's name."""
        request: Message = events_pb2.DrainRequested() if stage == "drain" else events_pb2.BootstrapRequested()
        identifier = await self.stage.attempt(
            request, stage, uid=self.uid(uid), operation=self.operation(operation), workspace=self.workspace
        )
        return f"{self.parent}/bootstraps/{identifier}"

    async def fail(self, name: str) -> None:
        """Its first step done, its second failed."""
        await self.stage.fail(name.rpartition("/")[2], SILENT)

    async def log(self, name: str, step: str, *lines: str, uid: str = "e1") -> None:
        await self.stage.log(self.uid(uid), name.rpartition("/")[2], step, *lines)


@pytest.fixture
async def served(bootstrapper: tuple[str, str]) -> AsyncIterator[Served]:
    address, url = bootstrapper
    database = Database(url, pool_size=1)
    async with open_channel(address) as channel:
        yield Served(Stage(database, STAGE_TABLES, channel))
    await database.close()


@pytest.fixture
def channel(served: Served) -> grpc.aio.Channel:
    return served.stage.channel
