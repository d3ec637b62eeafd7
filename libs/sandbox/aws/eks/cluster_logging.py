"""Which logs of a control plane are on."""

from __future__ import annotations

from libs.sandbox.aws.eks.models import EksBackend, View
from libs.sandbox.aws.logs import groups

_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def enabled(view: View) -> set[str]:
    """The types that are on in a cluster's view."""
    return {kind for item in view["logging"]["clusterLogging"] if item["enabled"] for kind in item["types"]}


def apply(before: set[str], given: View) -> View:
    """What is on after a call that switches some; both halves are always described."""
    after = set(before)
    for item in given.get("clusterLogging") or []:
        if item.get("enabled"):
            after.update(item.get("types") or [])
        else:
            after.difference_update(item.get("types") or [])
    halves = (
        {"types": [kind for kind in _TYPES if (kind in after) is wanted], "enabled": wanted} for wanted in (True, False)
    )
    return {"clusterLogging": [half for half in halves if half["types"]]}


def keep(backend: EksBackend, view: View) -> None:
    """Make the cluster's log group when logs are on and nobody made it; EKS leaves it behind."""
    if enabled(view):
        groups.ensure(backend.account_id, backend.region_name, f"/aws/eks/{view['name']}/cluster")
