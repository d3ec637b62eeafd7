"""Which steps serve which request."""

from __future__ import annotations

from typing import Any

from provisioning.bootstrap.v1.bootstrap_pb2 import PHASE_BASELINE, PHASE_BETA9
from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested
from provisioning.environment.v1 import environment_spec_pb2 as pb

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


def test_the_way_in_comes_last() -> None:
    assert steps(BootstrapRequested(phase=PHASE_BETA9)) == [
        "ensure_secrets",
        "install_beta9",
        "wait_for_gateway",
        "claim_admin_token",
        "expose_gateway",
    ]
