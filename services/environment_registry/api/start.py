"""The API's role: serves EnvironmentService and google.longrunning.Operations."""

from __future__ import annotations

import grpc.aio
from google.longrunning import operations_pb2_grpc
from provisioning.environment.v1 import environment_service_pb2_grpc

from libs.hosting import Process
from libs.hosting.stage_service import serve
from services.environment_registry.api.environment_servicer import EnvironmentServicer
from services.environment_registry.api.operations_servicer import OperationsServicer
from services.environment_registry.changes_feed import ChangeFeed
from services.environment_registry.process import ProcessManager
from services.environment_registry.reading import Reader
from services.environment_registry.registry import Registry
from services.environment_registry.settings import SweepSettings

SERVICES = ("provisioning.environment.v1.EnvironmentService", "google.longrunning.Operations")


async def start_api(process: Process) -> None:
    """Open what the API needs."""
    manager = ProcessManager(sweep_after=SweepSettings.read().overdue_after)
    registry = Registry(process.database, manager, process.relay.wake)
    feed = ChangeFeed(process.database)
    reader = Reader(process.database, feed)
    process.background(feed.run(), "watch feed")

    def register(server: grpc.aio.Server) -> None:
        environment_service_pb2_grpc.add_EnvironmentServiceServicer_to_server(
            EnvironmentServicer(registry, reader, feed), server
        )
        operations_pb2_grpc.add_OperationsServicer_to_server(OperationsServicer(registry, reader), server)

    await serve(process, SERVICES, register)
