"""Nodes that go: their pods move first, as far as disruption budgets let them."""

from __future__ import annotations

import time
from collections.abc import Iterable

from .api import ApiError, KubernetesApi, Object

_NODES = "/api/v1/nodes"
_PATIENCE_S = 10.0
"""EKS tries for a quarter of an hour; nobody waits for that here."""
_BETWEEN_TRIES_S = 0.2


def drain(api: KubernetesApi, names: Iterable[str]) -> None:
    """Close the nodes, evict their pods, and remove the nodes.

    A pod that its budget holds for longer than ten seconds goes with its node.
    """
    going = sorted(names)
    for name in going:
        api.merge(f"{_NODES}/{name}", {"spec": {"unschedulable": True}})
    deadline = time.monotonic() + _PATIENCE_S
    for name in going:
        for pod in api.items(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{name}"):
            if not _stays(pod):
                _evict(api, pod, deadline)
        api.delete(f"{_NODES}/{name}")


def _stays(pod: Object) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    done = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    return done or any(owner["kind"] in ("DaemonSet", "Node") for owner in owners)


def _evict(api: KubernetesApi, pod: Object, deadline: float) -> None:
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    path = f"/api/v1/namespaces/{namespace}/pods/{name}"
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
    }
    while True:
        try:
            api.create(f"{path}/eviction", eviction)
        except ApiError as error:
            if error.status == 429 and time.monotonic() < deadline:
                time.sleep(_BETWEEN_TRIES_S)
                continue
            if error.status != 404:
                api.delete(path)
        return
