"""The `gp3` class that volumes of an environment are made of. Standard library only."""

from __future__ import annotations

from services.cluster_bootstrapper.ownership import is_ours, owned_by
from services.cluster_bootstrapper.ports import Json, Kube

GP3 = "gp3"
_PATH = f"/apis/storage.k8s.io/v1/storageclasses/{GP3}"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def gp3_storage_class() -> Json:
    """Encrypted gp3 volumes of the EBS CSI driver, made where the pod runs, gone with their claim."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": GP3, "annotations": {_DEFAULT_CLASS: "true"}},
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "ext4"},
        "volumeBindingMode": "WaitForFirstConsumer",
        "reclaimPolicy": "Delete",
        "allowVolumeExpansion": True,
    }


async def ensure_storage_class(kube: Kube, uid: str = "", *, shared: bool = False) -> bool:
    """Makes the class, or the class as it should be; False if it is somebody else's, which stays. Idempotent.

    A class's parameters cannot be changed, so an existing one that differs is made anew; that does no harm to
    the volumes that it made. In a `shared` cluster it is not made the default, which others rely on.
    """
    wanted = gp3_storage_class()
    existing = await kube.get(_PATH)
    if shared:
        if existing is not None and not is_ours(existing, uid):
            return False
        wanted["metadata"] = {"name": GP3, "labels": owned_by(uid)}
    fixed = ("provisioner", "parameters", "volumeBindingMode", "reclaimPolicy")
    if existing is not None and any(existing.get(key) != wanted[key] for key in fixed):
        await kube.delete(_PATH)
    await kube.apply(_PATH, wanted)
    return True
