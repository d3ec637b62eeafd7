"""Takes away what Kubernetes made in AWS, so that the infrastructure can be destroyed. Standard library only.

The order matters. What asks for cloud resources goes before the controllers that give them back: Ingresses, load
balancer Services, Beta9 and its jobs, claims of volumes, then the controllers; and the cloud is asked at the end,
because an object that is gone from Kubernetes is not proof that its load balancer is gone from AWS.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.charts import BASELINE, BETA9
from services.cluster_bootstrapper.ports import CloudLeftover, CloudLeftovers, Helm, Json, Kube, Log
from services.cluster_bootstrapper.volume_users import remove_volume_users
from services.cluster_bootstrapper.waiting import poll

INGRESSES = "/apis/networking.k8s.io/v1/ingresses"
SERVICES = "/api/v1/services"
CLAIMS = "/api/v1/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
_JOBS = f"/apis/batch/v1/namespaces/{BETA9.namespace}/jobs"


@dataclass(frozen=True)
class DrainTimes:
    """Seconds: how long one kind of object may take, how long AWS may, and between two looks."""

    objects: float = 600
    cloud: float = 600
    interval: float = 2.0


async def drain_cluster(
    kube: Kube, helm: Helm, cloud: CloudLeftovers, log: Log, times: DrainTimes | None = None
) -> list[str]:
    """Drains the whole cluster and gives what was removed, by kind and name. Idempotent.

    Done at once when the cluster does not exist. Raises Failure `DRAIN_BLOCKED`, which names each blocker with
    its owner and what to do, and the failures of the API (`CLUSTER_UNREACHABLE`, ...).
    """
    times = times or DrainTimes()
    if not await cloud.cluster_exists():
        await log("there is no cluster: nothing to drain")
        return []
    drain = _Drain(kube, log, times)
    await drain.delete_all("ingress", INGRESSES)
    await drain.delete_all("service", SERVICES, _is_load_balancer)
    await helm.uninstall(BETA9.release, BETA9.namespace, log)
    drain.removed.append(f"helm/{BETA9.release}")
    await drain.delete_all("job", _JOBS)
    await drain.delete_claims()
    await drain.wait_for_volumes()
    for chart in reversed(BASELINE):
        await helm.uninstall(chart.release, chart.namespace, log)
        drain.removed.append(f"helm/{chart.release}")
    drain.removed += await clear_cloud(cloud, log, times)
    return drain.removed


async def clear_cloud(cloud: CloudLeftovers, log: Log, times: DrainTimes) -> list[str]:
    """Waits until AWS has nothing of the cluster any more; gives the ARNs of what had to be deleted here.

    The controllers get half of the time; what is left then has no owner to remove it any more, so what holds no
    data is deleted. Raises Failure `DRAIN_BLOCKED`.
    """
    removed: list[str] = []
    left = await _until_clear(cloud, log, times.cloud / 2, times.interval, None)
    if left:
        left = await _until_clear(cloud, log, times.cloud / 2, times.interval, removed)
    if left:
        raise blocked([str(item) for item in left], Actor.CUSTOMER, left[0].arn)
    return removed


async def _until_clear(
    cloud: CloudLeftovers, log: Log, seconds: float, interval: float, removed: list[str] | None
) -> list[CloudLeftover]:
    """What is left at the end; with `removed`, deletes in every round what may be deleted and notes it there."""
    left: list[CloudLeftover] = []
    told = ""

    async def look() -> bool | None:
        nonlocal left, told
        left = await cloud.find()
        line = f"AWS still has {len(left)} resources of the cluster: {', '.join(item.arn for item in left)}"
        if left and line != told:
            told = line
            await log(line)
        for item in left if removed is not None else ():
            if await cloud.remove(item) and removed is not None:
                await log(f"deleted {item.kind} {item.arn}, which its controller had left")
                removed.append(item.arn)
        return None if left else True

    await poll(look, seconds=seconds, interval=interval)
    return left


class _Drain:
    def __init__(self, kube: Kube, log: Log, times: DrainTimes) -> None:
        self._kube = kube
        self._log = log
        self._times = times
        self.removed: list[str] = []

    async def delete_all(self, kind: str, collection: str, matches: Callable[[Json], bool] = lambda _: True) -> None:
        """Deletes what matches in a collection and waits until it is gone, finalizers included."""

        async def look() -> list[Json]:
            return [item for item in await self._kube.list(collection) if matches(item)]

        await self._delete(kind, collection, await look())
        await self._until_gone(kind, look)

    async def delete_claims(self) -> None:
        """Deletes every claim of a volume, and first whatever keeps a pod that uses one."""
        claims = await self._kube.list(CLAIMS)
        await self._delete("persistentvolumeclaim", CLAIMS, claims)
        self.removed += await remove_volume_users(self._kube, claims, self._log)

        async def look() -> list[Json]:
            return await self._kube.list(CLAIMS)

        await self._until_gone("persistentvolumeclaim", look)

    async def wait_for_volumes(self) -> None:
        """Waits for the driver to delete the volumes of the claims; a volume that is to be kept is not waited for."""

        async def look() -> list[Json]:
            volumes = await self._kube.list(VOLUMES)
            return [item for item in volumes if _goes_with_its_claim(item)]

        await self._until_gone("persistentvolume", look)

    async def _delete(self, kind: str, collection: str, items: Sequence[Json]) -> None:
        for item in items:
            name = _name(item)
            if not item["metadata"].get("deletionTimestamp"):
                await self._log(f"deleting {kind} {name}")
            if await self._kube.delete(object_path(collection, item)):
                self.removed.append(f"{kind}/{name}")

    async def _until_gone(self, kind: str, look: Callable[[], Awaitable[list[Json]]]) -> None:
        left: list[Json] = []
        silence: Failure | None = None

        async def gone() -> bool | None:
            nonlocal left, silence
            try:
                left = await look()
                silence = None
            except Failure as failure:
                if not failure.retryable:
                    raise
                silence = failure
                return None
            return None if left else True

        if await poll(gone, seconds=self._times.objects, interval=self._times.interval):
            return
        if silence is not None:
            raise silence
        names = [f"{kind} {_name(item)} ({_held_by(item)})" for item in left]
        raise blocked(names, Actor.PLATFORM, f"{kind}/{_name(left[0])}")


def blocked(blockers: Sequence[str], actor: Actor, address: str) -> Failure:
    """The failure that names what keeps a cluster from being drained."""
    return Failure(
        reason="DRAIN_BLOCKED",
        message=f"The cluster cannot be drained: {len(blockers)} left: {'; '.join(blockers)[:1500]}.",
        kind=Kind.FAILED_PRECONDITION,
        retryable=True,
        actor=actor,
        remedy="Do what is said of each of them, then retry the delete.",
        resource_address=address,
        metadata={"blockers": "\n".join(blockers)[:4000]},
    )


def object_path(collection: str, item: Json) -> str:
    """The path of an object of a collection that may span namespaces."""
    prefix, _, plural = collection.rpartition("/")
    metadata = item["metadata"]
    namespace = metadata.get("namespace")
    if namespace and "/namespaces/" not in prefix:
        prefix = f"{prefix}/namespaces/{namespace}"
    return f"{prefix}/{plural}/{metadata['name']}"


def _name(item: Json) -> str:
    metadata = item["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def _held_by(item: Json) -> str:
    finalizers = item["metadata"].get("finalizers") or []
    if not finalizers:
        return "not deleted yet"
    return f"waits for {', '.join(finalizers)}: see the controller that has to remove it"


def _is_load_balancer(service: Json) -> bool:
    return bool((service.get("spec") or {}).get("type") == "LoadBalancer")


def _goes_with_its_claim(volume: Json) -> bool:
    spec = volume.get("spec") or {}
    return bool(spec.get("persistentVolumeReclaimPolicy") == "Delete" and spec.get("claimRef"))
