"""Volumes for claims, as the EBS CSI driver makes them."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError

from .api import ApiError, KubernetesApi, Object
from .aws_access import AwsAccess, ClusterScope
from .events import warn

CLAIMS = "/api/v1/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
PROVISIONER = "ebs.csi.aws.com"
_ADD_ON = "aws-ebs-csi-driver"
_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
_SELECTED_NODE = "volume.kubernetes.io/selected-node"
_ZONE = "topology.kubernetes.io/zone"
_FINALIZER = "external-provisioner.volume.kubernetes.io/finalizer"
_NO_DRIVER_RETRY_S = 3.0
_CONFLICT = 409
_UNITS = {
    "": 1,
    "K": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}


class Volumes:
    """Provisions EBS volumes for one cluster's claims and removes them with their PersistentVolumes."""

    def __init__(self, api: KubernetesApi, aws: AwsAccess, scope: ClusterScope) -> None:
        self._api = api
        self._aws = aws
        self._scope = scope

    def reconcile_claim(self, claim: Object) -> float | None:
        """Give an unbound claim of an EBS storage class its volume, once the scheduler has chosen a node
        for it."""
        if claim.get("gone") or "deletionTimestamp" in claim["metadata"] or claim["spec"].get("volumeName"):
            return None
        storage_class = self._class_of(claim)
        if storage_class is None or storage_class["provisioner"] != PROVISIONER:
            return None
        node = claim["metadata"].get("annotations", {}).get(_SELECTED_NODE)
        if storage_class.get("volumeBindingMode") == "WaitForFirstConsumer" and node is None:
            return None
        if not self._driver_runs():
            warn(
                self._api,
                claim,
                "PersistentVolumeClaim",
                "ExternalProvisioning",
                f"waiting for a volume by {PROVISIONER}: the cluster has no active add-on {_ADD_ON}",
            )
            return _NO_DRIVER_RETRY_S
        self._provision(claim, storage_class, node)
        return None

    def reconcile_volume(self, volume: Object) -> float | None:
        """Delete the EBS volume of a released PersistentVolume whose policy is Delete, and then itself."""
        metadata, spec = volume["metadata"], volume["spec"]
        if volume.get("gone") or metadata.get("annotations", {}).get(_PROVISIONED_BY) != PROVISIONER:
            return None
        released = volume.get("status", {}).get("phase") == "Released"
        if spec.get("persistentVolumeReclaimPolicy") != "Delete" or not (released or "deletionTimestamp" in metadata):
            return None
        try:
            self._aws.client("ec2", self._scope).delete_volume(VolumeId=spec["csi"]["volumeHandle"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidVolume.NotFound":
                raise
        path = f"{VOLUMES}/{metadata['name']}"
        self._api.delete(path)
        self._let_go(path)
        return None

    def _let_go(self, path: str) -> None:
        """Take our finalizer away. Read anew: while an object ends, a finalizer that is gone cannot be put back."""
        current = self._api.get(path)
        if current is None or _FINALIZER not in current["metadata"].get("finalizers", []):
            return
        left = [finalizer for finalizer in current["metadata"]["finalizers"] if finalizer != _FINALIZER]
        version = current["metadata"]["resourceVersion"]
        self._api.merge(path, {"metadata": {"finalizers": left, "resourceVersion": version}})

    def _class_of(self, claim: Object) -> Object | None:
        name = claim["spec"].get("storageClassName")
        return self._api.get(f"/apis/storage.k8s.io/v1/storageclasses/{name}") if name else None

    def _driver_runs(self) -> bool:
        eks = self._aws.client("eks", self._scope)
        try:
            found = eks.describe_addon(clusterName=self._scope.name, addonName=_ADD_ON)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return False
            raise
        return bool(found["addon"]["status"] == "ACTIVE")

    def _provision(self, claim: Object, storage_class: Object, node: str | None) -> None:
        name = f"pvc-{claim['metadata']['uid']}"
        zone = self._zone(node)
        size_gib = gib(claim["spec"]["resources"]["requests"]["storage"])
        volume_id = self._ensure_volume(name, claim, storage_class, zone, size_gib)
        try:
            self._api.create(VOLUMES, _persistent_volume(name, claim, storage_class, zone, size_gib, volume_id))
        except ApiError as error:
            if error.status != _CONFLICT:
                raise

    def _zone(self, node: str | None) -> str:
        if node is not None:
            found = self._api.get(f"/api/v1/nodes/{node}")
            if found is not None:
                return str(found["metadata"]["labels"][_ZONE])
        nodes = self._api.items("/api/v1/nodes")
        if not nodes:
            raise LookupError("no node yet whose zone a volume could be made in")
        return str(nodes[0]["metadata"]["labels"][_ZONE])

    def _ensure_volume(self, name: str, claim: Object, storage_class: Object, zone: str, size_gib: int) -> str:
        ec2 = self._aws.client("ec2", self._scope)
        made = ec2.describe_volumes(Filters=[{"Name": "tag:CSIVolumeName", "Values": [name]}])["Volumes"]
        if made:
            return str(made[0]["VolumeId"])
        parameters: dict[str, str] = storage_class.get("parameters") or {}
        tags = {
            "CSIVolumeName": name,
            "ebs.csi.aws.com/cluster": "true",
            f"kubernetes.io/cluster/{self._scope.name}": "owned",
            "kubernetes.io/created-for/pvc/name": claim["metadata"]["name"],
            "kubernetes.io/created-for/pvc/namespace": claim["metadata"]["namespace"],
            "kubernetes.io/created-for/pv/name": name,
        }
        request: dict[str, Any] = {
            "AvailabilityZone": zone,
            "Size": size_gib,
            "VolumeType": parameters.get("type", "gp3"),
            "Encrypted": parameters.get("encrypted", "false") == "true",
            "TagSpecifications": [
                {"ResourceType": "volume", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
            ],
        }
        if key := parameters.get("kmsKeyId"):
            request["KmsKeyId"] = key
        return str(ec2.create_volume(**request)["VolumeId"])


def _persistent_volume(
    name: str, claim: Object, storage_class: Object, zone: str, size_gib: int, volume_id: str
) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": name,
            "annotations": {_PROVISIONED_BY: PROVISIONER},
            "finalizers": [_FINALIZER],
        },
        "spec": {
            "capacity": {"storage": f"{size_gib}Gi"},
            "accessModes": claim["spec"]["accessModes"],
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "storageClassName": storage_class["metadata"]["name"],
            "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": claim["metadata"]["namespace"],
                "name": claim["metadata"]["name"],
                "uid": claim["metadata"]["uid"],
            },
            "csi": {
                "driver": PROVISIONER,
                "volumeHandle": volume_id,
                "fsType": (storage_class.get("parameters") or {}).get("csi.storage.k8s.io/fstype", "ext4"),
            },
            "nodeAffinity": {
                "required": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": _ZONE, "operator": "In", "values": [zone]}]}]
                }
            },
        },
    }


def gib(quantity: str) -> int:
    """Whole GiB that hold a Kubernetes quantity, at least one."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]i?|)", quantity)
    if match is None:
        raise ValueError(f"{quantity} is not a storage size that EBS can be asked for")
    wanted = float(match[1]) * _UNITS[match[2]]
    return max(1, -int(-wanted // 2**30))
