"""`python -m services.cluster_bootstrapper api|worker|migrate`."""

import sys
from pathlib import Path

from libs.hosting import Process, ServiceDefinition, Settings, main
from libs.hosting.stage_service import open_state_manager, serve_stage, work_stage
from services.cluster_bootstrapper.settings import ADDRESS_VARIABLE, DEFAULT_ADDRESS, BootstrapperSettings
from services.cluster_bootstrapper.tables import METADATA, STAGE_TABLES

_SERVICE = "provisioning.bootstrap.v1.BootstrapService"


async def start_api(process: Process) -> None:
    from provisioning.bootstrap.v1 import bootstrap_service_pb2_grpc

    from libs.stages import AttemptRepository
    from libs.stages.log import LogReader
    from services.cluster_bootstrapper.api import BootstrapServicer

    servicer = BootstrapServicer(
        AttemptRepository(process.database, STAGE_TABLES), LogReader(process.database, STAGE_TABLES)
    )
    await serve_stage(
        process,
        STAGE_TABLES,
        [_SERVICE],
        lambda server: bootstrap_service_pb2_grpc.add_BootstrapServiceServicer_to_server(servicer, server),
    )


async def start_worker(process: Process) -> None:
    from libs.stages.remote_leases import RemoteLeases
    from services.cluster_bootstrapper.flow import flows

    work_stage(
        process,
        STAGE_TABLES,
        flows(BootstrapperSettings.read()),
        RemoteLeases(open_state_manager(process)),
        area="bootstrap",
        stages=["baseline", "beta9", "drain"],
    )


DEFINITION = ServiceDefinition(
    name="cluster-bootstrapper",
    metadata=METADATA,
    versions=Path(__file__).parent / "migrations" / "versions",
    events=STAGE_TABLES.events,
    read_settings=lambda: Settings.read(ADDRESS_VARIABLE, DEFAULT_ADDRESS),
    start_api=start_api,
    start_worker=start_worker,
)

if __name__ == "__main__":
    sys.exit(main(DEFINITION))
