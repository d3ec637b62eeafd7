"""What the document says of nodes comes out in the values, and the charts' schemas take all of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Failure
from services.cluster_bootstrapper.baseline_values import (
    cert_manager_values,
    device_plugin_values,
    metrics_server_values,
    nginx_ingress_values,
)
from services.cluster_bootstrapper.document import beta9_document, gpu_pools, tolerations
from services.cluster_bootstrapper.issuer import cluster_issuer
from services.cluster_bootstrapper.placement import GpuPool
from services.cluster_bootstrapper.values import Beta9Secrets, beta9_values
from tests.unit.cluster_bootstrapper.test_values import OUTPUTS

CHARTS = Path(__file__).resolve().parents[3] / "libs" / "sandbox" / "charts"
SECRETS = Beta9Secrets("beta9", "Abcdefgh1234", "sk_x")
TOLERATED = [
    {"key": "dedicated", "operator": "Equal", "value": "system", "effect": "NoSchedule"},
    {"key": "spot", "operator": "Equal", "value": "", "effect": "NoExecute"},
]


def spec(**cluster: Any) -> pb.EnvironmentSpec:
    taints = [
        pb.NodeTaint(key="dedicated", value="system", effect=pb.TAINT_EFFECT_NO_SCHEDULE),
        pb.NodeTaint(key="spot", effect=pb.TAINT_EFFECT_NO_EXECUTE),
    ]
    cluster.setdefault("node_taints", taints)
    return pb.EnvironmentSpec(cluster=pb.ClusterSpec(**cluster), beta9=pb.Beta9Spec(domain="beta9.example.com"))


def values(document: pb.EnvironmentSpec) -> Any:
    return beta9_values(beta9_document("prod", document), OUTPUTS, SECRETS, exposed=True)


def fits(chart: str, made: Any) -> Any:
    jsonschema.validate(made, json.loads((CHARTS / chart / "values.schema.json").read_text()))
    return made


def group(name: str, **more: Any) -> pb.NodeGroupSpec:
    return pb.NodeGroupSpec(name=name, **more)


def test_every_chart_tolerates_the_system_nodes_taints_in_its_own_keys() -> None:
    tolerated = tolerations(spec())
    nginx = fits("nginx-ingress", nginx_ingress_values(tolerated))
    assert nginx["controller"]["tolerations"] == TOLERATED
    certificates = fits("cert-manager", cert_manager_values(tolerated))
    parts = [certificates, *(certificates[part] for part in ("webhook", "cainjector", "startupapicheck"))]
    assert [part["tolerations"] for part in parts] == [TOLERATED] * 4
    assert fits("metrics-server", metrics_server_values(tolerated))["tolerations"] == TOLERATED
    beta9 = fits("beta9-chart", values(spec()))
    assert beta9["controllers"]["gateway"]["pod"]["tolerations"] == TOLERATED
    solver = cluster_issuer(tolerations=tolerated)["spec"]["acme"]["solvers"][0]["http01"]["ingress"]
    assert solver["podTemplate"] == {"spec": {"tolerations": TOLERATED}}


def test_without_taints_nothing_is_tolerated() -> None:
    plain = spec(node_taints=[])
    assert values(plain)["controllers"]["gateway"]["pod"]["tolerations"] == []
    assert "podTemplate" not in cluster_issuer()["spec"]["acme"]["solvers"][0]["http01"]["ingress"]


def test_the_device_plugin_runs_on_our_gpu_nodes_whatever_their_taints() -> None:
    made = fits("nvidia-device-plugin", device_plugin_values())
    terms = made["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert terms == [{"matchExpressions": [{"key": "beta9.io/gpu-type", "operator": "Exists"}]}]
    assert made["tolerations"] == [{"operator": "Exists"}]


def test_each_group_with_a_gpu_is_a_pool_on_its_nodes() -> None:
    document = spec(
        node_groups=[
            group("inference", gpu_type=pb.GPU_TYPE_L4, gpu_count=4, min_size=2),
            group("batch"),
            group("training", gpu_type=pb.GPU_TYPE_A100_80),
            group("own-types", gpu_type=pb.GPU_TYPE_H200, instance_types=["p5e.48xlarge"]),
        ]
    )
    document.beta9.workers.gpu_enabled = True
    document.beta9.workers.gpu_type = pb.GPU_TYPE_RTX_PRO_6000
    assert gpu_pools(document) == (
        GpuPool("inference", "L4", 4, 2),
        GpuPool("training", "A100-80", 8, 0),
        GpuPool("own-types", "H200", 1, 0),
        GpuPool("gpu", "RTXPro6000", 1, 1),
    )
    pools = fits("beta9-chart", values(document))["config"]["worker"]["pools"]
    assert list(pools) == ["default", "build", "inference", "training", "own-types", "gpu"]
    assert pools["inference"] == {
        "mode": "local",
        "gpuType": "L4",
        "runtime": "nvidia",
        "jobSpec": {"nodeSelector": {"beta9.io/node-group": "inference"}},
        "poolSizing": {
            "defaultWorkerCpu": "12000m",
            "defaultWorkerMemory": "48Gi",
            "defaultWorkerGpuType": "L4",
            "defaultWorkerGpuCount": "4",
            "minFreeCpu": "0m",
            "minFreeMemory": "0Gi",
            "minFreeGpu": "1",
        },
    }
    # Nodes that may all be gone are not called up for a worker that nobody waits for.
    assert pools["training"]["poolSizing"]["minFreeGpu"] == "0"


def test_pools_without_gpus_are_as_they_were() -> None:
    plain, more = spec(), spec(node_groups=[group("batch")])
    assert values(more) == values(plain)
    assert list(values(plain)["config"]["worker"]["pools"]) == ["default", "build"]


@pytest.mark.parametrize("name", ["default", "build"])
def test_a_group_cannot_have_the_name_of_beta9s_own_pools(name: str) -> None:
    with pytest.raises(Failure, match=f"{name}.*another worker pool"):
        values(spec(node_groups=[group(name, gpu_type=pb.GPU_TYPE_T4)]))


def test_a_choice_that_is_not_known_is_refused() -> None:
    with pytest.raises(Failure, match="DOCUMENT_NOT_KNOWN"):
        tolerations(spec(node_taints=[pb.NodeTaint(key="x")]))
    unknown = pb.NodeGroupSpec.FromString(group("x").SerializeToString() + b"\x58\x63")
    with pytest.raises(Failure, match="DOCUMENT_NOT_KNOWN"):
        gpu_pools(spec(node_groups=[unknown]))


@pytest.mark.parametrize(
    ("controller", "annotation"),
    [
        ("nginx.org/ingress-controller", ("nginx.org/grpc-services", "beta9-gateway")),
        ("k8s.io/ingress-nginx", ("nginx.ingress.kubernetes.io/backend-protocol", "GRPC")),
    ],
)
def test_the_ingress_speaks_to_whatever_serves_its_class(controller: str, annotation: tuple[str, str]) -> None:
    document = dataclasses.replace(beta9_document("prod", spec()), ingress_controller=controller)
    ingress = fits("beta9-chart", beta9_values(document, OUTPUTS, SECRETS, exposed=True))["ingress"]
    assert annotation in ingress["grpc"]["annotations"].items()
    assert annotation not in ingress["gateway"]["annotations"].items()
    prefix = annotation[0].partition("/")[0]
    others = {"cert-manager.io/cluster-issuer"}
    assert all(key.startswith(prefix) or key in others for key in ingress["grpc"]["annotations"])
