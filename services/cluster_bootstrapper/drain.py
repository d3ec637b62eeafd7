"""Takes away what Kubernetes made in AWS, so that the infrastructure can be destroyed. Standard library only.

In a cluster of the customer's own, which stays, that is what the environment made and nothing else.

The order matters. What asks for cloud resources goes before the controllers that give them back: Ingresses, load
balancer Services, Beta9 and its jobs, claims of volumes, then the controllers; and the cloud is asked at the end,
because an object that is gone from Kubernetes is not proof that its load balancer is gone from AWS.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from libs.failures import Actor, Failure
from services.cluster_bootstrapper.charts import BASELINE, BETA9, Chart
from services.cluster_bootstrapper.cloud_clearing import DrainTimes, blocked, clear_cloud
from services.cluster_bootstrapper.ownership import is_our_release, our_namespaces
from services.cluster_bootstrapper.ports import CloudLeftovers, Helm, Json, Kube, Log
from services.cluster_bootstrapper.volume_users import remove_volume_users
from services.cluster_bootstrapper.waiting import poll

INGRESSES = "/apis/networking.k8s.io/v1/ingresses"
SERVICES = "/api/v1/services"
CLAIMS = "/api/v1/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
NAMESPACES = "/api/v1/namespaces"
_JOBS = f"/apis/batch/v1/namespaces/{BETA9.namespace}/jobs"


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
    return await _drain(kube, helm, cloud, log, times, None, (BETA9, *BASELINE))


async def drain_shared_cluster(
    kube: Kube, helm: Helm, cloud: CloudLeftovers, uid: str, log: Log, times: DrainTimes | None = None
) -> list[str]:
    """Drains what the environment made in a cluster that stays: its releases, what is in its namespaces, and these.

    `cloud` must find what those namespaces left alone. Contract as of `drain_cluster`.
    """
    times = times or DrainTimes()
    namespaces = await our_namespaces(kube, uid)
    releases = [chart for chart in (BETA9, *BASELINE) if await _is_ours(kube, chart, uid)]
    removed = await _drain(kube, helm, cloud, log, times, namespaces, releases)
    last = _Cleaner(kube, log, times, None)
    await last.delete_all("namespace", NAMESPACES, lambda item: item["metadata"]["name"] in namespaces)
    return removed + last.removed


async def _is_ours(kube: Kube, chart: Chart, uid: str) -> bool:
    try:
        return await is_our_release(kube, chart, uid)
    except Failure as failure:
        if failure.reason != "RELEASE_TAKEN":
            raise
        return False


async def _drain(
    kube: Kube,
    helm: Helm,
    cloud: CloudLeftovers,
    log: Log,
    times: DrainTimes,
    namespaces: frozenset[str] | None,
    releases: Sequence[Chart],
) -> list[str]:
    """What is in `namespaces` (None: in any) and `releases`: Beta9's first, the others from the last to the first."""
    cleaner = _Cleaner(kube, log, times, namespaces)
    await cleaner.delete_all("ingress", INGRESSES)
    await cleaner.delete_all("service", SERVICES, _is_load_balancer)
    for chart in releases:
        if chart is BETA9:
            await helm.uninstall(chart.release, chart.namespace, log)
            cleaner.removed.append(f"helm/{chart.release}")
    await cleaner.delete_all("job", _JOBS)
    await cleaner.delete_claims()
    await cleaner.wait_for_volumes()
    for chart in reversed(releases):
        if chart is not BETA9:
            await helm.uninstall(chart.release, chart.namespace, log)
            cleaner.removed.append(f"helm/{chart.release}")
    return cleaner.removed + await clear_cloud(cloud, log, times)


class _Cleaner:
    """Deletes objects, of `namespaces` alone unless that is None, and waits until they are gone."""

    def __init__(self, kube: Kube, log: Log, times: DrainTimes, namespaces: frozenset[str] | None) -> None:
        self._kube = kube
        self._log = log
        self._times = times
        self._namespaces = namespaces
        self.removed: list[str] = []

    async def delete_all(self, kind: str, collection: str, matches: Callable[[Json], bool] = lambda _: True) -> None:
        """Deletes what matches in a collection and waits until it is gone, finalizers included."""

        async def look() -> list[Json]:
            return [item for item in await self._list(collection) if matches(item)]

        await self._delete(kind, collection, await look())
        await self._until_gone(kind, look)

    async def delete_claims(self) -> None:
        """Deletes every claim of a volume, and first whatever keeps a pod that uses one."""
        claims = await self._list(CLAIMS)
        await self._delete("persistentvolumeclaim", CLAIMS, claims)
        self.removed += await remove_volume_users(self._kube, claims, self._log)

        async def look() -> list[Json]:
            return await self._list(CLAIMS)

        await self._until_gone("persistentvolumeclaim", look)

    async def wait_for_volumes(self) -> None:
        """Waits for the driver to delete the volumes of the claims; a volume that is to be kept is not waited for."""

        async def look() -> list[Json]:
            volumes = await self._kube.list(VOLUMES)
            return [item for item in volumes if _goes_with_its_claim(item) and self._is_within(_claimant(item))]

        await self._until_gone("persistentvolume", look)

    async def _list(self, collection: str) -> list[Json]:
        items = await self._kube.list(collection)
        return [item for item in items if self._is_within(item["metadata"].get("namespace"))]

    def _is_within(self, namespace: str | None) -> bool:
        return self._namespaces is None or namespace in self._namespaces

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


def _claimant(volume: Json) -> str:
    return str(volume["spec"]["claimRef"].get("namespace") or "")


def _goes_with_its_claim(volume: Json) -> bool:
    spec = volume.get("spec") or {}
    return bool(spec.get("persistentVolumeReclaimPolicy") == "Delete" and spec.get("claimRef"))
