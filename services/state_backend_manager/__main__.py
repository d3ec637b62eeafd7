"""`python -m services.state_backend_manager api|worker|migrate`."""

import sys
from pathlib import Path

from provisioning.state.v1 import state_backend_service_pb2_grpc

from libs.hosting import Process, ServiceDefinition, Settings, main
from libs.hosting.stage_service import serve_stage, work_stage
from services.state_backend_manager.settings import ADDRESS_VARIABLE, DEFAULT_ADDRESS, ManagerSettings
from services.state_backend_manager.tables import METADATA, STAGE_TABLES

_SERVICE = "provisioning.state.v1.StateBackendService"


async def start_api(process: Process) -> None:
    from services.state_backend_manager.api import StateBackendServicer
    from services.state_backend_manager.audit_repository import AuditRepository
    from services.state_backend_manager.lease_repository import LeaseRepository
    from services.state_backend_manager.repository import StateBackendRepository
    from services.state_backend_manager.versions import Stores

    servicer = StateBackendServicer(
        StateBackendRepository(process.database),
        LeaseRepository(process.database),
        AuditRepository(process.database),
        Stores(path_style=ManagerSettings.read().s3_path_style),
    )
    await serve_stage(
        process,
        STAGE_TABLES,
        [_SERVICE],
        lambda server: state_backend_service_pb2_grpc.add_StateBackendServiceServicer_to_server(servicer, server),
    )


async def start_worker(process: Process) -> None:
    from services.state_backend_manager.buckets import Buckets
    from services.state_backend_manager.flow import flows
    from services.state_backend_manager.lease_repository import LeaseRepository
    from services.state_backend_manager.repository import StateBackendRepository

    repository = StateBackendRepository(process.database)
    settings = ManagerSettings.read()
    work_stage(
        process,
        STAGE_TABLES,
        flows(Buckets(path_style=settings.s3_path_style), repository),
        LeaseRepository(process.database),
        area="state",
        stages=["state_backend", "release"],
    )


DEFINITION = ServiceDefinition(
    name="state-backend-manager",
    metadata=METADATA,
    versions=Path(__file__).parent / "migrations" / "versions",
    events=STAGE_TABLES.events,
    read_settings=lambda: Settings.read(ADDRESS_VARIABLE, DEFAULT_ADDRESS),
    start_api=start_api,
    start_worker=start_worker,
)

if __name__ == "__main__":
    sys.exit(main(DEFINITION))
