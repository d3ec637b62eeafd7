"""The `gp3` class that volumes of an environment are made of. Standard library only."""

from __future__ import annotations

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


async def ensure_storage_class(kube: Kube) -> None:
    """Makes the class, or the class as it should be. Idempotent.

    A class's parameters cannot be changed, so an existing one that differs is made anew; that does no harm to
    the volumes that it made.
    """
    wanted = gp3_storage_class()
    existing = await kube.get(_PATH)
    fixed = ("provisioner", "parameters", "volumeBindingMode", "reclaimPolicy")
    if existing is not None and any(existing.get(key) != wanted[key] for key in fixed):
        await kube.delete(_PATH)
    await kube.apply(_PATH, wanted)
