"""Beta9's worker pools on the environment's own nodes. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.placement import GROUP_LABEL, GpuPool
from services.cluster_bootstrapper.ports import Json

NVIDIA_RUNTIME = "nvidia"
"""The RuntimeClass that GPU workers ask for, and its handler on the nodes."""


@dataclass(frozen=True)
class WorkerSize:
    """What one worker asks of a node: millicores and GiB. Several fit a node beside the platform's own pods."""

    cpu: int
    memory: int


# By the profile's node: t3.large 2/8, t3.xlarge 4/16, t3.2xlarge 8/32.
SIZES = {
    "small": WorkerSize(cpu=1000, memory=2),
    "medium": WorkerSize(cpu=2000, memory=6),
    "large": WorkerSize(cpu=3000, memory=12),
}
# A GPU's share of the smallest instance that has one (4 cores, 16 GiB), less what the node's own pods take.
_A_GPU = WorkerSize(cpu=3000, memory=12)


def worker_pools(profile: str, min_workers: int, gpu_pools: Iterable[GpuPool] = ()) -> Json:
    """The keys of `config.worker` that size its pools.

    `min_workers` idle workers are kept in `default`. `build`, for images, keeps none and starts one when a build
    asks for it: Beta9's own default would keep 8 cores and 32 GiB free, which the smaller profiles do not have.
    Each of `gpu_pools` is a pool of its own, on the nodes of its group by their label: Beta9's workers tolerate no
    taint. Raises Failure `VALUES_INVALID` for two pools of one name.
    """
    size = SIZES[profile]
    pools = {
        "default": _pool(size, min_workers),
        "build": {**_pool(size, 0), "requiresPoolSelector": True},
    }
    for pool in gpu_pools:
        if pool.name in pools:
            raise _taken(pool.name)
        pools[pool.name] = _gpu_pool(pool)
    return {
        "defaultWorkerCPURequest": size.cpu,
        "defaultWorkerMemoryRequest": size.memory * 1024,
        "pools": pools,
    }


def _pool(size: WorkerSize, kept: int) -> Json:
    return {
        "mode": "local",
        "jobSpec": {"nodeSelector": {}},
        "poolSizing": {
            "defaultWorkerCpu": f"{size.cpu}m",
            "defaultWorkerMemory": f"{size.memory}Gi",
            "defaultWorkerGpuType": "",
            "defaultWorkerGpuCount": "0",
            "minFreeCpu": f"{size.cpu * kept}m",
            "minFreeMemory": f"{size.memory * kept}Gi",
            "minFreeGpu": "0",
        },
    }


def _gpu_pool(pool: GpuPool) -> Json:
    """A kept worker has all GPUs of its node, so that it can run a container with any number of them.

    One free GPU is kept while the group has nodes that are always there: more would hold whole idle nodes beside the
    busy ones, and GPUs are dear.
    """
    cpu, memory = _A_GPU.cpu * pool.gpu_count, _A_GPU.memory * pool.gpu_count
    return {
        "mode": "local",
        "gpuType": pool.gpu_type,
        "runtime": NVIDIA_RUNTIME,
        "jobSpec": {"nodeSelector": {GROUP_LABEL: pool.name}},
        "poolSizing": {
            "defaultWorkerCpu": f"{cpu}m",
            "defaultWorkerMemory": f"{memory}Gi",
            "defaultWorkerGpuType": pool.gpu_type,
            "defaultWorkerGpuCount": str(pool.gpu_count),
            # Free cores and memory are not asked for: they would start workers while GPUs are free.
            "minFreeCpu": "0m",
            "minFreeMemory": "0Gi",
            "minFreeGpu": "1" if pool.nodes else "0",
        },
    }


def _taken(name: str) -> Failure:
    return Failure(
        reason="VALUES_INVALID",
        message=f"The node group {name!r} has the name of another worker pool of Beta9.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy="Give the node group another name in cluster.node_groups, then retry the environment.",
        resource_address=f"cluster.node_groups.{name}",
    )
