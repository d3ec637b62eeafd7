from __future__ import annotations

from typing import Any

import pytest

from libs.failures import Actor, Failure
from services.cluster_bootstrapper.cloud_clearing import DrainTimes
from services.cluster_bootstrapper.drain import drain_cluster, object_path
from services.cluster_bootstrapper.ports import CloudLeftover, Log
from services.cluster_bootstrapper.volume_users import remove_volume_users

NOW = DrainTimes(objects=0, cloud=0, interval=0)
SOON = DrainTimes(objects=5, cloud=5, interval=0)
INGRESS = "/apis/networking.k8s.io/v1/namespaces/beta9/ingresses/beta9-gateway"
BALANCER = "/api/v1/namespaces/nginx-ingress/services/nginx-ingress-controller"
PLAIN_SERVICE = "/api/v1/namespaces/beta9/services/beta9-gateway"
JOB = "/apis/batch/v1/namespaces/beta9/jobs/worker-default-1"
CLAIM = "/api/v1/namespaces/beta9/persistentvolumeclaims/beta9-images"
VOLUME = "/api/v1/persistentvolumes/pvc-1"

ELB = CloudLeftover("load balancer", "arn:elb", "service nginx", "delete it")
EBS = CloudLeftover("EBS volume", "arn:ebs", "claim beta9/x", "snapshot it, then delete it")


def thing(path: str, **more: Any) -> Any:
    parts = path.split("/")
    namespace = parts[parts.index("namespaces") + 1] if "namespaces" in parts else None
    metadata = {"name": parts[-1], **({"namespace": namespace} if namespace else {}), **more.pop("metadata", {})}
    return {"metadata": metadata, **more}


@pytest.fixture
def full(kube: Any) -> Any:
    kube.put(INGRESS, thing(INGRESS))
    kube.put(BALANCER, thing(BALANCER, spec={"type": "LoadBalancer"}))
    kube.put(PLAIN_SERVICE, thing(PLAIN_SERVICE, spec={"type": "ClusterIP"}))
    kube.put(JOB, thing(JOB))
    kube.put(CLAIM, thing(CLAIM))
    return kube


async def test_controllers_go_last(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    order: list[str] = []
    full.calls = helm.calls = order
    removed = await drain_cluster(full, helm, cloud(), log, SOON)
    assert order == [
        f"delete {INGRESS}",
        f"delete {BALANCER}",
        "uninstall beta9",
        f"delete {JOB}",
        f"delete {CLAIM}",
        "uninstall nvidia-device-plugin",
        "uninstall metrics-server",
        "uninstall cert-manager",
        "uninstall nginx-ingress",
    ]
    assert PLAIN_SERVICE in full.objects
    assert removed[:3] == [
        "ingress/beta9/beta9-gateway",
        "service/nginx-ingress/nginx-ingress-controller",
        "helm/beta9",
    ]


async def test_draining_again_does_no_harm(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    await drain_cluster(full, helm, cloud(), log, SOON)
    again = await drain_cluster(full, helm, cloud(), log, SOON)
    assert all(entry.startswith("helm/") for entry in again)


async def test_without_a_cluster_it_is_done_at_once(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    assert await drain_cluster(full, helm, cloud(exists=False), log, SOON) == []
    assert full.calls == helm.calls == []


async def test_an_api_that_does_not_answer_is_told_as_such(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    full.fail = [Failure(reason="CLUSTER_UNREACHABLE", message="no", retryable=True)]
    with pytest.raises(Failure, match="CLUSTER_UNREACHABLE"):
        await drain_cluster(full, helm, cloud(), log, SOON)


async def test_finalizers_are_waited_for(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    full.objects[BALANCER]["metadata"]["finalizers"] = ["service.kubernetes.io/load-balancer-cleanup"]
    looks = 0

    def controller(path: str) -> None:
        nonlocal looks
        held = full.objects.get(BALANCER, {}).get("metadata", {})
        if path == "/api/v1/services" and "deletionTimestamp" in held:
            looks += 1
            if looks == 3:
                del full.objects[BALANCER]

    full.on_list = controller
    await drain_cluster(full, helm, cloud(), log, SOON)
    assert looks == 3
    assert helm.calls[0] == "uninstall beta9"


async def test_a_finalizer_that_stays_is_named_and_stops_the_drain(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    full.objects[INGRESS]["metadata"]["finalizers"] = ["group.ingress.k8s.aws/x"]
    with pytest.raises(Failure) as caught:
        await drain_cluster(full, helm, cloud(), log, NOW)
    assert caught.value.reason == "DRAIN_BLOCKED"
    assert "ingress beta9/beta9-gateway" in caught.value.message
    assert "group.ingress.k8s.aws/x" in caught.value.message
    assert helm.calls == []


async def test_a_volume_that_goes_with_its_claim_is_waited_for(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    bound = {"claimRef": {"name": "x"}}
    full.put(VOLUME, thing(VOLUME, spec={"persistentVolumeReclaimPolicy": "Delete", **bound}))
    kept = "/api/v1/persistentvolumes/kept"
    full.put(kept, thing(kept, spec={"persistentVolumeReclaimPolicy": "Retain", **bound}))
    with pytest.raises(Failure, match="persistentvolume pvc-1") as caught:
        await drain_cluster(full, helm, cloud(), log, NOW)
    assert "kept" not in caught.value.message
    del full.objects[VOLUME]
    await drain_cluster(full, helm, cloud(), log, SOON)


async def test_the_cloud_is_waited_for(kube: Any, helm: Any, cloud: Any, log: Log, lines: list[str]) -> None:
    aws = cloud([ELB], [ELB], [])
    await drain_cluster(kube, helm, aws, log, SOON)
    assert aws.looks == 3
    assert aws.removed == []
    assert "AWS still has 1 resources of the cluster: arn:elb" in lines


async def test_what_no_controller_removes_is_deleted_here(kube: Any, helm: Any, cloud: Any, log: Log) -> None:
    aws = cloud([ELB])
    removed = await drain_cluster(kube, helm, aws, log, DrainTimes(objects=1, cloud=0.02, interval=0))
    assert aws.removed == ["arn:elb"]
    assert removed[-1] == "arn:elb"


async def test_data_is_never_deleted_but_named_with_owner_and_action(
    kube: Any, helm: Any, cloud: Any, log: Log
) -> None:
    with pytest.raises(Failure) as caught:
        await drain_cluster(kube, helm, cloud([EBS]), log, NOW)
    failure = caught.value
    assert failure.reason == "DRAIN_BLOCKED"
    assert failure.actor is Actor.CUSTOMER
    for part in (EBS.arn, EBS.owner, EBS.action):
        assert part in failure.message
    assert failure.resource_address == "arn:ebs"


async def test_the_topmost_owner_of_a_volumes_user_goes(kube: Any, log: Log) -> None:
    def owned(path: str, kind: str, name: str, **more: Any) -> Any:
        owner = {"kind": kind, "name": name, "controller": True}
        return thing(path, metadata={"ownerReferences": [owner]}, **more)

    uses = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}
    deployment = "/apis/apps/v1/namespaces/shop/deployments/web"
    replicas = "/apis/apps/v1/namespaces/shop/replicasets/web-1"
    kube.put(deployment, thing(deployment))
    kube.put(replicas, owned(replicas, "Deployment", "web"))
    for name in ("web-1-a", "web-1-b"):
        path = f"/api/v1/namespaces/shop/pods/{name}"
        kube.put(path, owned(path, "ReplicaSet", "web-1", spec=uses))
    bare = "/api/v1/namespaces/shop/pods/bare"
    kube.put(bare, thing(bare, spec=uses))
    other = "/api/v1/namespaces/shop/pods/other"
    kube.put(other, thing(other, spec={"volumes": [{"name": "c", "configMap": {}}]}))
    claim = thing("/api/v1/namespaces/shop/persistentvolumeclaims/data")
    assert await remove_volume_users(kube, [claim], log) == ["deployment/shop/web", "pod/shop/bare"]
    assert other in kube.objects


@pytest.mark.parametrize(
    ("collection", "path"),
    [
        ("/api/v1/services", "/api/v1/namespaces/n/services/x"),
        ("/apis/batch/v1/namespaces/n/jobs", "/apis/batch/v1/namespaces/n/jobs/x"),
    ],
)
def test_an_object_has_one_path(collection: str, path: str) -> None:
    assert object_path(collection, {"metadata": {"name": "x", "namespace": "n"}}) == path


def test_a_cluster_wide_object_has_no_namespace_in_its_path() -> None:
    item = {"metadata": {"name": "x"}}
    assert object_path("/api/v1/persistentvolumes", item) == "/api/v1/persistentvolumes/x"
