"""A cluster of the customer's own: what is theirs is found, used and left; what is ours is told by its label."""

from __future__ import annotations

from typing import Any

import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.charts import (
    BASELINE,
    BETA9,
    CERT_MANAGER,
    METRICS_SERVER,
    NGINX_INGRESS,
    NVIDIA_DEVICE_PLUGIN,
    Chart,
    chart_install,
)
from services.cluster_bootstrapper.cloud_clearing import DrainTimes
from services.cluster_bootstrapper.drain import drain_shared_cluster
from services.cluster_bootstrapper.existing_parts import already_there, ingress_controller
from services.cluster_bootstrapper.gpu_runtime import ensure_gpu_runtime
from services.cluster_bootstrapper.ownership import ensure_namespace, is_our_release, our_namespaces, owned_by
from services.cluster_bootstrapper.ports import Log
from services.cluster_bootstrapper.storage_class import GP3, ensure_storage_class

UID = "u1"
OURS = {"labels": owned_by(UID)}
CLASS = "/apis/networking.k8s.io/v1/ingressclasses/nginx"
API_SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/certificates.cert-manager.io"
PLUGIN = "/apis/apps/v1/namespaces/gpu-operator/daemonsets/nvidia-device-plugin-daemonset"
GP3_PATH = f"/apis/storage.k8s.io/v1/storageclasses/{GP3}"
SOON = DrainTimes(objects=5, cloud=5, interval=0)


def thing(path: str, **more: Any) -> Any:
    parts = path.split("/")
    namespace = {"namespace": parts[parts.index("namespaces") + 1]} if "namespaces" in parts[:-2] else {}
    return {"metadata": {"name": parts[-1], **namespace, **more.pop("metadata", {})}, **more}


def put(kube: Any, path: str, **more: Any) -> str:
    kube.put(path, thing(path, **more))
    return path


def release(kube: Any, chart: Chart, uid: str = "") -> None:
    labels = {"owner": "helm", "name": chart.release, **(owned_by(uid) if uid else {})}
    put(kube, f"/api/v1/namespaces/{chart.namespace}/secrets/sh.helm.{chart.release}", metadata={"labels": labels})


def theirs(kube: Any) -> None:
    put(kube, CLASS, spec={"controller": "k8s.io/ingress-nginx"})
    put(kube, API_SERVICE)
    put(kube, DEFINITION)
    image = {"image": "nvcr.io/nvidia/k8s-device-plugin:v0.17.0"}
    put(kube, PLUGIN, spec={"template": {"spec": {"containers": [image]}}})


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (NGINX_INGRESS, "IngressClass nginx of k8s.io/ingress-nginx"),
        (CERT_MANAGER, "CustomResourceDefinition certificates.cert-manager.io"),
        (METRICS_SERVER, "APIService v1beta1.metrics.k8s.io"),
        (NVIDIA_DEVICE_PLUGIN, "DaemonSet gpu-operator/nvidia-device-plugin-daemonset"),
    ],
)
async def test_what_the_cluster_has_is_named_and_not_installed(kube: Any, chart: Chart, said: str) -> None:
    assert await already_there(kube, chart, UID) == ""
    theirs(kube)
    assert await already_there(kube, chart, UID) == said
    # Their release may well have our name and namespace.
    release(kube, chart)
    assert await already_there(kube, chart, UID) == said


@pytest.mark.parametrize("chart", BASELINE)
async def test_what_the_environment_installed_is_installed_again(kube: Any, chart: Chart) -> None:
    theirs(kube)
    release(kube, chart, UID)
    assert await already_there(kube, chart, UID) == ""
    assert await already_there(kube, chart, "u2") != "", "another environment's is not ours"


@pytest.mark.parametrize("chart", [*BASELINE, BETA9])
async def test_somebody_elses_release_of_our_name_is_not_taken_over(kube: Any, chart: Chart) -> None:
    release(kube, chart)
    with pytest.raises(Failure, match="RELEASE_TAKEN") as caught:
        await (is_our_release if chart is BETA9 else already_there)(kube, chart, UID)
    assert chart.release in caught.value.message


async def test_definitions_that_a_release_of_ours_left_are_taken_up_again(kube: Any) -> None:
    annotations = {"meta.helm.sh/release-name": "cert-manager", "meta.helm.sh/release-namespace": "cert-manager"}
    put(kube, DEFINITION, metadata={"annotations": annotations})
    assert await already_there(kube, CERT_MANAGER, UID) == ""
    labels = {"app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller"}
    put(kube, "/apis/apps/v1/namespaces/cert-manager/deployments/cert-manager", metadata={"labels": labels})
    assert await already_there(kube, CERT_MANAGER, UID) != "", "somebody runs it"


async def test_the_ingress_class_says_what_serves_it(kube: Any) -> None:
    assert await ingress_controller(kube) == ""
    theirs(kube)
    assert await ingress_controller(kube) == "k8s.io/ingress-nginx"


async def test_a_namespace_is_ours_by_its_label_alone(kube: Any) -> None:
    await ensure_namespace(kube, "beta9", UID, shared=True)
    await ensure_namespace(kube, "beta9", UID, shared=True)
    put(kube, "/api/v1/namespaces/cert-manager")
    before = len(kube.calls)
    with pytest.raises(Failure, match="NAMESPACE_TAKEN"):
        await ensure_namespace(kube, "cert-manager", UID, shared=True)
    with pytest.raises(Failure, match="NAMESPACE_TAKEN"):
        await ensure_namespace(kube, "beta9", "u2", shared=True)
    await ensure_namespace(kube, "kube-system", UID, shared=True)
    assert len(kube.calls) == before
    assert await our_namespaces(kube, UID) == {"beta9"}


async def test_their_storage_class_stays_as_it_is_and_ours_is_not_the_default(kube: Any) -> None:
    assert await ensure_storage_class(kube, UID, shared=True)
    assert "annotations" not in kube.objects[GP3_PATH]["metadata"]
    assert await ensure_storage_class(kube, UID, shared=True)
    put(kube, GP3_PATH, provisioner="ebs.csi.eks.amazonaws.com")
    before = dict(kube.objects)
    assert not await ensure_storage_class(kube, UID, shared=True)
    assert kube.objects == before
    del kube.objects[GP3_PATH]
    await ensure_storage_class(kube)
    assert "annotations" in kube.objects[GP3_PATH]["metadata"], "in a cluster of ours it is the default"


async def test_the_runtime_class_of_the_gpu_pools_is_made_once(kube: Any) -> None:
    path = "/apis/node.k8s.io/v1/runtimeclasses/nvidia"
    assert await ensure_gpu_runtime(kube, UID)
    assert kube.objects[path]["handler"] == "nvidia"
    assert not await ensure_gpu_runtime(kube, UID)


def test_a_release_carries_the_environments_label() -> None:
    assert chart_install(BETA9, {}, labels=owned_by(UID)).labels == {"beta9.io/environment": UID}


@pytest.fixture
def full(kube: Any) -> Any:
    """Ours and theirs, of each kind."""
    put(kube, "/api/v1/namespaces/beta9", metadata=OURS)
    put(kube, "/api/v1/namespaces/nginx-ingress", metadata=OURS)
    put(kube, "/api/v1/namespaces/shop")
    put(kube, "/api/v1/namespaces/cert-manager")
    release(kube, BETA9, UID)
    release(kube, NGINX_INGRESS, UID)
    release(kube, METRICS_SERVER)
    release(kube, CERT_MANAGER, "u2")
    for namespace in ("beta9", "shop"):
        put(kube, f"/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/web")
        put(kube, f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/data")
        claim = {"namespace": namespace, "name": "data"}
        put(
            kube,
            f"/api/v1/persistentvolumes/of-{namespace}",
            spec={"persistentVolumeReclaimPolicy": "Delete", "claimRef": claim},
        )
    for namespace in ("nginx-ingress", "shop"):
        put(kube, f"/api/v1/namespaces/{namespace}/services/web", spec={"type": "LoadBalancer"})
    put(kube, GP3_PATH, metadata=OURS)

    def driver(path: str) -> None:
        if "/api/v1/namespaces/beta9/persistentvolumeclaims/data" not in kube.objects:
            kube.objects.pop("/api/v1/persistentvolumes/of-beta9", None)

    kube.on_list = driver
    return kube


async def test_a_drain_takes_ours_alone_and_our_namespaces_last(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    order: list[str] = []
    full.calls = helm.calls = order
    removed = await drain_shared_cluster(full, helm, cloud(), UID, log, SOON)
    assert order == [
        "delete /apis/networking.k8s.io/v1/namespaces/beta9/ingresses/web",
        "delete /api/v1/namespaces/nginx-ingress/services/web",
        "uninstall beta9",
        "delete /api/v1/namespaces/beta9/persistentvolumeclaims/data",
        "uninstall nginx-ingress",
        "delete /api/v1/namespaces/beta9",
        "delete /api/v1/namespaces/nginx-ingress",
    ]
    assert removed[-2:] == ["namespace/beta9", "namespace/nginx-ingress"]
    left = {path for path in full.objects if "/secrets/" not in path}
    assert left == {
        "/api/v1/namespaces/shop",
        "/api/v1/namespaces/cert-manager",
        "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web",
        "/api/v1/namespaces/shop/services/web",
        "/api/v1/namespaces/shop/persistentvolumeclaims/data",
        "/api/v1/persistentvolumes/of-shop",
        GP3_PATH,
    }


async def test_a_drain_of_a_cluster_without_us_does_nothing(full: Any, helm: Any, cloud: Any, log: Log) -> None:
    before = dict(full.objects)
    assert await drain_shared_cluster(full, helm, cloud(), "u3", log, SOON) == []
    assert full.objects == before and helm.calls == []
