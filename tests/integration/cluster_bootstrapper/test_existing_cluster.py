"""A cluster that the customer has already: what it has is used and left, what we made goes and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Failure
from services.cluster_bootstrapper.gateway_pods import gateway_pods
from services.cluster_bootstrapper.waiting import poll
from tests.integration.cluster_bootstrapper.steps import Bootstrapper

pytestmark = pytest.mark.integration

UID = "33333333-2222-3333-4444-555555555555"
CLUSTER = "beta9-it"
NAMESPACES = "/api/v1/namespaces"
CLASS = "/apis/networking.k8s.io/v1/ingressclasses/nginx"
GP3 = "/apis/storage.k8s.io/v1/storageclasses/gp3"
API_SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"
PLUGINS = f"{NAMESPACES}/nvidia-device-plugin/pods"
SHOP = f"{NAMESPACES}/shop"
OUR_NAMESPACES = [f"{NAMESPACES}/{name}" for name in ("beta9", "cert-manager", "nginx-ingress", "nvidia-device-plugin")]


def item(version: str, kind: str, name: str, **more: Any) -> Any:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **more.pop("metadata", {})}, **more}


# The customer's own, in the order in which they can be made. The APIService is one without a server behind it.
THEIRS = {
    SHOP: item("v1", "Namespace", "shop"),
    CLASS: item("networking.k8s.io/v1", "IngressClass", "nginx", spec={"controller": "k8s.io/ingress-nginx"}),
    API_SERVICE: item(
        "apiregistration.k8s.io/v1",
        "APIService",
        "v1beta1.metrics.k8s.io",
        spec={"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100},
    ),
    GP3: item(
        "storage.k8s.io/v1",
        "StorageClass",
        "gp3",
        provisioner="ebs.csi.aws.com",
        parameters={"type": "gp3", "iops": "4000"},
        volumeBindingMode="Immediate",
    ),
    f"{SHOP}/services/web": item(
        "v1", "Service", "web", spec={"type": "LoadBalancer", "selector": {"a": "b"}, "ports": [{"port": 80}]}
    ),
    "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web": item(
        "networking.k8s.io/v1",
        "Ingress",
        "web",
        spec={"ingressClassName": "nginx", "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    ),
    f"{SHOP}/persistentvolumeclaims/data": item(
        "v1",
        "PersistentVolumeClaim",
        "data",
        spec={
            "storageClassName": "gp3",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "3Gi"}},
        },
    ),
}
_WATCHED = ("spec", "provisioner", "parameters", "volumeBindingMode")


async def essence(kube: Any) -> dict[str, Any]:
    """Of what is theirs: that it is the same object with the same content."""
    found = {path: await kube.get(path) for path in THEIRS}
    return {
        path: (
            got["metadata"]["uid"],
            got["metadata"].get("labels"),
            got["metadata"].get("annotations"),
            {key: got.get(key) for key in _WATCHED},
        )
        for path, got in found.items()
        if got is not None
    }


@pytest.fixture
async def theirs(connection: Any, session: boto3.Session) -> AsyncIterator[Any]:
    """The kube API of a cluster in which the customer has things, and nodes with a GPU beside the other ones."""
    kube, eks = connection.kube, session.client("eks")
    # What tests of a cluster of our own left, which does not carry our label.
    for path in (GP3, *OUR_NAMESPACES):
        await kube.delete(path)

    async def clean() -> bool | None:
        return None if [path for path in OUR_NAMESPACES if await kube.get(path) is not None] else True

    assert await poll(clean, seconds=60, interval=0.2)
    for path, manifest in THEIRS.items():
        await kube.apply(path, manifest)
    role = eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName="system")["nodegroup"]
    eks.create_nodegroup(
        clusterName=CLUSTER,
        nodegroupName="gpu",
        scalingConfig={"minSize": 1, "maxSize": 1, "desiredSize": 1},
        subnets=role["subnets"],
        instanceTypes=["g4dn.xlarge"],
        amiType="AL2023_x86_64_NVIDIA",
        nodeRole=role["nodeRole"],
        labels={"beta9.io/node-group": "gpu", "beta9.io/gpu-type": "T4"},
        taints=[{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
    )
    eks.get_waiter("nodegroup_active").wait(
        clusterName=CLUSTER, nodegroupName="gpu", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )

    async def bound() -> bool | None:
        claim = await kube.get(f"{SHOP}/persistentvolumeclaims/data")
        service = await kube.get(f"{SHOP}/services/web")
        return True if claim["spec"].get("volumeName") and service["status"].get("loadBalancer") else None

    assert await poll(bound, seconds=60, interval=0.2)
    yield kube
    eks.delete_nodegroup(clusterName=CLUSTER, nodegroupName="gpu")
    for path in reversed(THEIRS):
        await kube.delete(path)

    async def gone() -> bool | None:
        nodes = await kube.list("/api/v1/nodes")
        return True if await kube.get(SHOP) is None and len(nodes) == 2 else None

    assert await poll(gone, seconds=60, interval=0.2)


@pytest.fixture
def bootstrapper(cloud: Any, charts: Path, helm_program: str, database: str) -> Bootstrapper:
    spec = pb.EnvironmentSpec(
        cluster=pb.ClusterSpec(use_existing=True, existing_cluster_name=CLUSTER),
        beta9=pb.Beta9Spec(
            domain="beta9.example.com", workers=pb.WorkersSpec(gpu_enabled=True, gpu_type=pb.GPU_TYPE_T4)
        ),
    )
    made = Bootstrapper(cloud, charts, helm_program, UID, spec)
    made.outputs.rds_endpoint = database
    # More than there are: an existing cluster's nodes are not counted.
    made.outputs.node_desired_size = 9
    return made


async def test_theirs_is_used_and_left(bootstrapper: Bootstrapper, theirs: Any, session: boto3.Session) -> None:
    before = await essence(theirs)
    assert set(before) == set(THEIRS)
    await bootstrapper.baseline()
    told = "\n".join(bootstrapper.lines)
    assert "nginx-ingress is not installed: the cluster has IngressClass nginx of k8s.io/ingress-nginx" in told
    assert "metrics-server is not installed: the cluster has APIService v1beta1.metrics.k8s.io" in told
    assert "storage class gp3 is the cluster's own" in told
    assert await theirs.get(f"{NAMESPACES}/nginx-ingress") is None
    await _the_plugin_runs_on_the_gpu_node_alone(theirs)

    await bootstrapper.beta9()
    assert len(await gateway_pods(theirs)) == 1
    ingresses = {
        one["metadata"]["name"]: one["metadata"]["annotations"]
        for one in await theirs.list("/apis/networking.k8s.io/v1/namespaces/beta9/ingresses")
    }
    assert ingresses["beta9-grpc"]["nginx.ingress.kubernetes.io/backend-protocol"] == "GRPC"
    assert await essence(theirs) == before

    # Asked again, ours is taken for ours.
    bootstrapper.lines.clear()
    await bootstrapper.baseline()
    again = "\n".join(bootstrapper.lines)
    assert "cert-manager is not installed" not in again and "nvidia-device-plugin is not installed" not in again

    answer = await bootstrapper.drain()
    assert await essence(theirs) == before
    for namespace in ("beta9", "cert-manager", "nvidia-device-plugin"):
        assert f"namespace/{namespace}" in answer.removed
        assert await theirs.get(f"{NAMESPACES}/{namespace}") is None
    volumes = session.client("ec2").describe_volumes()["Volumes"]
    assert [volume["Size"] for volume in volumes] == [3], "theirs stays and ours is gone"
    assert len(session.client("elbv2").describe_load_balancers()["LoadBalancers"]) == 1
    assert list((await bootstrapper.drain()).removed) == []


async def _the_plugin_runs_on_the_gpu_node_alone(kube: Any) -> None:
    (pod,) = await kube.list(PLUGINS)
    node = await kube.get(f"/api/v1/nodes/{pod['spec']['nodeName']}")
    assert node["metadata"]["labels"]["beta9.io/gpu-type"] == "T4"
    assert (await kube.get("/apis/node.k8s.io/v1/runtimeclasses/nvidia"))["handler"] == "nvidia"


async def test_a_namespace_of_theirs_with_our_name_stops_us(bootstrapper: Bootstrapper, connection: Any) -> None:
    kube = connection.kube
    path = f"{NAMESPACES}/beta9"
    await kube.apply(path, item("v1", "Namespace", "beta9"))
    before = (await kube.get(path))["metadata"]["resourceVersion"]
    try:
        with pytest.raises(Failure, match="NAMESPACE_TAKEN"):
            await bootstrapper.beta9()
        assert (await kube.get(path))["metadata"]["resourceVersion"] == before
        assert list((await bootstrapper.drain()).removed) == []
        assert await kube.get(path) is not None
    finally:
        await kube.delete(path)

        async def gone() -> bool | None:
            return True if await kube.get(path) is None else None

        assert await poll(gone, seconds=60, interval=0.2)


async def test_when_their_cluster_is_gone_nothing_in_aws_is_touched(
    bootstrapper: Bootstrapper, cloud: Any, session: boto3.Session
) -> None:
    ec2 = session.client("ec2")
    tags = [
        {"Key": "kubernetes.io/cluster/never-was", "Value": "owned"},
        {"Key": "kubernetes.io/service-name", "Value": "beta9/web"},
    ]
    group = ec2.create_security_group(GroupName="k8s-elb-x", Description="x", VpcId=cloud.outputs["vpc_id"])["GroupId"]
    ec2.create_tags(Resources=[group], Tags=tags)
    try:
        bootstrapper.outputs.cluster_name = "never-was"
        assert list((await bootstrapper.drain()).removed) == []
        assert "is gone" in bootstrapper.lines[0]
        assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    finally:
        ec2.delete_security_group(GroupId=group)
