"""How GPU workers get at their GPUs: a RuntimeClass. Standard library only."""

from __future__ import annotations

from services.cluster_bootstrapper.ownership import owned_by
from services.cluster_bootstrapper.ports import Kube
from services.cluster_bootstrapper.worker_pools import NVIDIA_RUNTIME

_PATH = f"/apis/node.k8s.io/v1/runtimeclasses/{NVIDIA_RUNTIME}"


async def ensure_gpu_runtime(kube: Kube, uid: str) -> bool:
    """Makes the class that Beta9's GPU pools name, False if there is one. Idempotent.

    No chart of ours makes it, and a pod that names a class that is not there is refused. The handler is containerd's
    on EKS's NVIDIA images, where it is the default too.
    """
    if await kube.get(_PATH) is not None:
        return False
    metadata = {"name": NVIDIA_RUNTIME, "labels": owned_by(uid)}
    manifest = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": metadata, "handler": NVIDIA_RUNTIME}
    await kube.apply(_PATH, manifest)
    return True
