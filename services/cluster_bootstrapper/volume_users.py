"""Removes what keeps pods alive that use a volume: a claim in use is not deleted. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

from services.cluster_bootstrapper.ports import Json, Kube, Log

# Owner's kind -> its API path. A pod of any other kind is deleted itself.
_PLURALS = {
    "Deployment": "/apis/apps/v1/namespaces/{namespace}/deployments/{name}",
    "ReplicaSet": "/apis/apps/v1/namespaces/{namespace}/replicasets/{name}",
    "StatefulSet": "/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}",
    "DaemonSet": "/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}",
    "Job": "/apis/batch/v1/namespaces/{namespace}/jobs/{name}",
    "CronJob": "/apis/batch/v1/namespaces/{namespace}/cronjobs/{name}",
    "ReplicationController": "/api/v1/namespaces/{namespace}/replicationcontrollers/{name}",
}


async def remove_volume_users(kube: Kube, claims: Sequence[Json], log: Log) -> list[str]:
    """Deletes the topmost owner of every pod that uses one of `claims`; gives what was deleted. Idempotent."""
    wanted: dict[str, set[str]] = {}
    for claim in claims:
        metadata = claim["metadata"]
        wanted.setdefault(str(metadata["namespace"]), set()).add(str(metadata["name"]))
    removed: list[str] = []
    for namespace, names in sorted(wanted.items()):
        for pod in await kube.list(f"/api/v1/namespaces/{namespace}/pods"):
            if not names & _claims_of(pod):
                continue
            kind, name, path = await _topmost(kube, namespace, pod)
            if await kube.delete(path):
                label = f"{kind.lower()}/{namespace}/{name}"
                if label not in removed:
                    await log(f"deleted {label}, which used a volume")
                    removed.append(label)
    return removed


async def _topmost(kube: Kube, namespace: str, pod: Json) -> tuple[str, str, str]:
    name = str(pod["metadata"]["name"])
    found = ("Pod", name, f"/api/v1/namespaces/{namespace}/pods/{name}")
    item: Json | None = pod
    while item is not None:
        owner = _controller(item)
        if owner is None or owner["kind"] not in _PLURALS:
            break
        path = _PLURALS[owner["kind"]].format(namespace=namespace, name=owner["name"])
        found = (str(owner["kind"]), str(owner["name"]), path)
        item = await kube.get(path)
    return found


def _controller(item: Json) -> Json | None:
    for owner in item["metadata"].get("ownerReferences") or []:
        if owner.get("controller"):
            result: Json = owner
            return result
    return None


def _claims_of(pod: Json) -> set[str]:
    return {
        str(volume["persistentVolumeClaim"]["claimName"])
        for volume in (pod.get("spec") or {}).get("volumes") or []
        if volume.get("persistentVolumeClaim")
    } | _ephemeral_claims(pod)


def _ephemeral_claims(pod: Json) -> set[str]:
    """A generic ephemeral volume's claim is named after its pod."""
    name = pod["metadata"]["name"]
    return {
        f"{name}-{volume['name']}" for volume in (pod.get("spec") or {}).get("volumes") or [] if volume.get("ephemeral")
    }
