"""`python -m services.infra_engine api|worker|migrate`, and `synth`, which needs no other service."""

import sys
from pathlib import Path

from libs.hosting import Process, ServiceDefinition, Settings, main
from libs.hosting.stage_service import open_state_manager, serve_stage, work_stage
from services.infra_engine.settings import ADDRESS_VARIABLE, DEFAULT_ADDRESS, EngineSettings
from services.infra_engine.tables import METADATA, STAGE_TABLES

_SERVICE = "provisioning.infra.v1.InfraService"


async def start_api(process: Process) -> None:
    from provisioning.infra.v1 import infra_service_pb2_grpc

    from libs.stages import AttemptRepository
    from libs.stages.log import LogReader
    from services.infra_engine.api import InfraServicer
    from services.infra_engine.repository import ChangeRepository

    servicer = InfraServicer(
        AttemptRepository(process.database, STAGE_TABLES),
        ChangeRepository(process.database),
        LogReader(process.database, STAGE_TABLES),
    )
    await serve_stage(
        process,
        STAGE_TABLES,
        [_SERVICE],
        lambda server: infra_service_pb2_grpc.add_InfraServiceServicer_to_server(servicer, server),
    )


async def start_worker(process: Process) -> None:
    from libs.stages.remote_leases import RemoteLeases
    from services.infra_engine.flow import flows
    from services.infra_engine.repository import ChangeRepository
    from services.infra_engine.stacks.definition import StackRegistry
    from services.infra_engine.synthesis import ChildSynthesizer, RememberingSynthesizer
    from services.infra_engine.terraform import LocalTerraform

    settings = EngineSettings.read()
    stacks = StackRegistry(settings.stacks)
    child = ChildSynthesizer(stacks, idle_seconds=settings.synthesis_idle_seconds)
    process.stack.push_async_callback(child.aclose)
    synthesizer = RememberingSynthesizer(child, stacks)
    state_manager = open_state_manager(process)
    # A lease is renewed every quarter of its time, so a dead worker's has at least three quarters left: its Terraform
    # is gone before another worker can begin.
    terraform = LocalTerraform(orphan_grace=process.settings.lease_seconds / 2)
    served = flows(settings, synthesizer, terraform, ChangeRepository(process.database), state_manager)
    leases = RemoteLeases(state_manager)
    stages = ["preflight", "deployment", "destroy"]
    work_stage(process, STAGE_TABLES, served, leases, area="infra", stages=stages, run_mib=settings.run_mib)


DEFINITION = ServiceDefinition(
    name="infra-engine",
    metadata=METADATA,
    versions=Path(__file__).parent / "migrations" / "versions",
    events=STAGE_TABLES.events,
    read_settings=lambda: Settings.read(ADDRESS_VARIABLE, DEFAULT_ADDRESS),
    start_api=start_api,
    start_worker=start_worker,
)

if __name__ == "__main__":
    if sys.argv[1:] == ["synth"]:
        from services.infra_engine import synth_command

        sys.exit(synth_command.main())
    sys.exit(main(DEFINITION))
