"""Which steps serve which request."""

from __future__ import annotations

from typing import Any

import pytest
from provisioning.bootstrap.v1.bootstrap_pb2 import PHASE_BASELINE, PHASE_BETA9
from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested
from provisioning.environment.v1 import environment_spec_pb2 as pb
from provisioning.environment.v1.environment_pb2 import EnvironmentOutputs

from services.cluster_bootstrapper.flow import flows
from services.cluster_bootstrapper.settings import BootstrapperSettings

GPU = pb.EnvironmentSpec(cluster=pb.ClusterSpec(node_groups=[pb.NodeGroupSpec(name="g", gpu_type=pb.GPU_TYPE_L4)]))
CPU = pb.EnvironmentSpec(cluster=pb.ClusterSpec(node_groups=[pb.NodeGroupSpec(name="g")]))
BASELINE = [
    "wait_for_nodes",
    "ensure_storage_class",
    "install_nginx_ingress",
    "install_cert_manager",
    "install_metrics_server",
]


class Context:
    def __init__(self, request: BootstrapRequested) -> None:
        self.request = request

    def request_as(self, message_type: type[Any]) -> Any:
        assert isinstance(self.request, message_type)
        return self.request


def steps(request: BootstrapRequested) -> list[str]:
    flow = flows(BootstrapperSettings.read({}))[request.DESCRIPTOR.full_name]
    context: Any = Context(request)
    return [step.name for step in flow.steps if step.applies(context)]


def test_a_gpu_brings_the_device_plugin() -> None:
    assert steps(BootstrapRequested(phase=PHASE_BASELINE, spec=CPU)) == BASELINE
    assert steps(BootstrapRequested(phase=PHASE_BASELINE, spec=GPU)) == [*BASELINE, "install_device_plugin"]


@pytest.mark.parametrize("user", ["", "workspaces"])
def test_the_old_key_goes_once_the_gateway_answered_and_the_way_in_comes_last(user: str) -> None:
    found = steps(BootstrapRequested(phase=PHASE_BETA9, outputs=EnvironmentOutputs(workspace_storage_user=user)))
    retired = ["retire_storage_keys"] if user else []
    assert found == [
        "ensure_secrets",
        "install_beta9",
        "wait_for_gateway",
        *retired,
        "claim_admin_token",
        "expose_gateway",
    ]
