"""What an environment made in a cluster, and what it found there: told apart by one label. Standard library only.

In a cluster of the customer's own nothing is changed that does not carry the label. Helm's annotations would not do:
the customer's own release of a chart may well have the same name and namespace as ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.charts import Chart
from services.cluster_bootstrapper.ports import Json, Kube

ENVIRONMENT_LABEL = "beta9.io/environment"
_NAMESPACES = "/api/v1/namespaces"
# It is in every cluster and nobody's.
_SYSTEM_NAMESPACE = "kube-system"


def owned_by(uid: str) -> dict[str, str]:
    """The labels of what the environment makes."""
    return {ENVIRONMENT_LABEL: uid}


def is_ours(item: Json, uid: str) -> bool:
    """Whether the environment made it."""
    labels: Mapping[str, str] = item["metadata"].get("labels") or {}
    return labels.get(ENVIRONMENT_LABEL) == uid


async def our_namespaces(kube: Kube, uid: str) -> frozenset[str]:
    """The namespaces that the environment made."""
    found = await kube.list(_NAMESPACES, label_selector=f"{ENVIRONMENT_LABEL}={uid}")
    return frozenset(str(item["metadata"]["name"]) for item in found)


async def ensure_namespace(kube: Kube, namespace: str, uid: str, *, shared: bool) -> None:
    """Makes the namespace with our label. Idempotent.

    Raises Failure `NAMESPACE_TAKEN` for one of a `shared` cluster that somebody else made.
    """
    if namespace == _SYSTEM_NAMESPACE:
        return
    path = f"{_NAMESPACES}/{namespace}"
    existing = await kube.get(path) if shared else None
    if existing is not None and not is_ours(existing, uid):
        raise _taken("NAMESPACE_TAKEN", f"namespace {namespace}", path)
    labels = owned_by(uid) if uid else {}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}
    await kube.apply(path, manifest)


async def is_our_release(kube: Kube, chart: Chart, uid: str) -> bool:
    """Whether the environment installed the chart's release.

    Raises Failure `RELEASE_TAKEN` if a release of that name is somebody else's.
    """
    selector = f"owner=helm,name={chart.release}"
    records = await kube.list(f"{_NAMESPACES}/{chart.namespace}/secrets", label_selector=selector)
    if any(not is_ours(record, uid) for record in records):
        name = f"Helm release {chart.release} in namespace {chart.namespace}"
        raise _taken("RELEASE_TAKEN", name, f"helm/{chart.release}")
    return bool(records)


def _taken(reason: str, what: str, address: str) -> Failure:
    return Failure(
        reason=reason,
        message=f"The cluster has a {what} that this environment did not make and must not change.",
        kind=Kind.ALREADY_EXISTS,
        actor=Actor.CUSTOMER,
        remedy="Remove it if nobody needs it, then retry; else use another cluster: one holds one environment.",
        resource_address=address,
    )
