"""Beta9's worker pools on the environment's own nodes. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from services.cluster_bootstrapper.ports import Json


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


def worker_pools(profile: str, min_workers: int) -> Json:
    """The keys of `config.worker` that size its pools.

    `min_workers` idle workers are kept in `default`. `build`, for images, keeps none and starts one when a build
    asks for it: Beta9's own default would keep 8 cores and 32 GiB free, which the smaller profiles do not have.
    Both are placed on the nodes' own labels and not by taints, which Beta9's workers do not tolerate.
    """
    size = SIZES[profile]
    return {
        "defaultWorkerCPURequest": size.cpu,
        "defaultWorkerMemoryRequest": size.memory * 1024,
        "pools": {
            "default": _pool(size, min_workers),
            "build": {**_pool(size, 0), "requiresPoolSelector": True},
        },
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
