"""The bootstrapper of an environment without a cluster: the real process and its hand-overs, with nothing to do.

`python -m tests.crash.stand_in api|worker|migrate`
"""

import sys
from dataclasses import replace

from google.protobuf.message import Message
from provisioning.bootstrap.v1.bootstrap_pb2 import Phase
from provisioning.bootstrap.v1.events_pb2 import (
    BaselineBootstrapped,
    BootstrapRequested,
    ClusterBootstrapped,
    ClusterDrained,
    DrainRequested,
)

from libs.hosting import Process, main
from libs.hosting.stage_service import open_state_manager, work_stage
from libs.stages import Flow, Step, StepContext
from libs.stages.remote_leases import RemoteLeases
from services.cluster_bootstrapper.__main__ import DEFINITION
from services.cluster_bootstrapper.tables import STAGE_TABLES


async def _nothing_to_do(context: StepContext) -> None:
    context.log("there is no cluster")


def _bootstrapped(context: StepContext) -> Message:
    request = context.request_as(BootstrapRequested)
    if request.phase == Phase.PHASE_BASELINE:
        return BaselineBootstrapped(hand_over=request.hand_over)
    return ClusterBootstrapped(hand_over=request.hand_over)


def _drained(context: StepContext) -> Message:
    return ClusterDrained(hand_over=context.request_as(DrainRequested).hand_over)


async def start_worker(process: Process) -> None:
    steps = (Step("look", _nothing_to_do),)
    flows = (
        Flow(BootstrapRequested.DESCRIPTOR.full_name, steps, _bootstrapped),
        Flow(DrainRequested.DESCRIPTOR.full_name, steps, _drained),
    )
    work_stage(
        process,
        STAGE_TABLES,
        {flow.request_type: flow for flow in flows},
        RemoteLeases(open_state_manager(process)),
        area="bootstrap",
        stages=["baseline", "beta9", "drain"],
    )


if __name__ == "__main__":
    sys.exit(main(replace(DEFINITION, start_worker=start_worker)))
