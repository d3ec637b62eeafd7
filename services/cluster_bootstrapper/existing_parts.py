"""What a cluster of the customer's own has already of what a chart would install. Standard library only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from libs.failures import Failure
from services.cluster_bootstrapper.baseline_values import INGRESS_CLASS
from services.cluster_bootstrapper.charts import (
    CERT_MANAGER,
    METRICS_SERVER,
    NGINX_INGRESS,
    NVIDIA_DEVICE_PLUGIN,
    Chart,
)
from services.cluster_bootstrapper.ownership import is_our_release
from services.cluster_bootstrapper.ports import Json, Kube

_METRICS = "v1beta1.metrics.k8s.io"
_CERTIFICATES = "certificates.cert-manager.io"
_INGRESS_CLASS_PATH = f"/apis/networking.k8s.io/v1/ingressclasses/{INGRESS_CLASS}"
_CERT_MANAGER_LABELS = "app.kubernetes.io/name=cert-manager,app.kubernetes.io/component=controller"
_PLUGIN_IMAGE = "k8s-device-plugin"
_HELM = "meta.helm.sh/release-"


async def already_there(kube: Kube, chart: Chart, uid: str) -> str:
    """What of the cluster does already what `chart` is for, in a few words; empty if it has to be installed.

    What the environment installed itself does not count. Raises Failure `RELEASE_TAKEN` if Helm has a release of the
    chart's name that is of no use and somebody else's.
    """
    try:
        ours = await is_our_release(kube, chart, uid)
    except Failure as failure:
        # Somebody else's release of that name: good, if it is of the same thing.
        if failure.reason == "RELEASE_TAKEN" and (found := await _LOOKS[chart.name](kube)):
            return found
        raise
    return "" if ours else await _LOOKS[chart.name](kube)


async def ingress_controller(kube: Kube) -> str:
    """What serves the IngressClass `nginx`, by the class's own word; empty without the class."""
    found = await kube.get(_INGRESS_CLASS_PATH)
    return str(((found or {}).get("spec") or {}).get("controller") or "")


async def _ingress_class(kube: Kube) -> str:
    controller = await ingress_controller(kube)
    return f"IngressClass {INGRESS_CLASS} of {controller}" if controller else ""


async def _metrics_api(kube: Kube) -> str:
    found = await kube.get(f"/apis/apiregistration.k8s.io/v1/apiservices/{_METRICS}")
    return f"APIService {_METRICS}" if found is not None else ""


async def _cert_manager(kube: Kube) -> str:
    """Its definitions stay when a release of ours goes, so those alone may be a leftover that Helm takes up again."""
    found = await kube.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{_CERTIFICATES}")
    if found is None:
        return ""
    if _would_be_taken_up(found, CERT_MANAGER):
        controllers = await kube.list("/apis/apps/v1/deployments", label_selector=_CERT_MANAGER_LABELS)
        if not controllers:
            return ""
    return f"CustomResourceDefinition {_CERTIFICATES}"


async def _device_plugin(kube: Kube) -> str:
    for item in await kube.list("/apis/apps/v1/daemonsets"):
        containers = item["spec"]["template"]["spec"].get("containers") or []
        if any(_PLUGIN_IMAGE in str(container.get("image")) for container in containers):
            return f"DaemonSet {item['metadata']['namespace']}/{item['metadata']['name']}"
    return ""


def _would_be_taken_up(item: Json, chart: Chart) -> bool:
    annotations = item["metadata"].get("annotations") or {}
    wanted = {f"{_HELM}name": chart.release, f"{_HELM}namespace": chart.namespace}
    return all(annotations.get(key) == value for key, value in wanted.items())


_LOOKS: dict[str, Callable[[Kube], Awaitable[str]]] = {
    NGINX_INGRESS.name: _ingress_class,
    CERT_MANAGER.name: _cert_manager,
    METRICS_SERVER.name: _metrics_api,
    NVIDIA_DEVICE_PLUGIN.name: _device_plugin,
}
