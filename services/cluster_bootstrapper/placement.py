"""Where things run in a cluster: labels of the nodes, tolerations of taints, pools of GPUs. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.cluster_bootstrapper.ports import Json

# The infra engine puts them on its nodes.
GROUP_LABEL = "beta9.io/node-group"
GPU_LABEL = "beta9.io/gpu-type"


@dataclass(frozen=True)
class Toleration:
    """Of one taint. `effect` is Kubernetes' own word."""

    key: str
    value: str
    effect: str

    def manifest(self) -> Json:
        return {"key": self.key, "operator": "Equal", "value": self.value, "effect": self.effect}


def manifests(tolerations: Iterable[Toleration]) -> list[Json]:
    """As a pod has them."""
    return [toleration.manifest() for toleration in tolerations]


@dataclass(frozen=True)
class GpuPool:
    """A node group with GPUs as a pool of Beta9's: `name` is the group's, `gpu_type` Beta9's own word.

    `gpu_count` is GPUs a node; `nodes` is how many nodes are always there.
    """

    name: str
    gpu_type: str
    gpu_count: int
    nodes: int
