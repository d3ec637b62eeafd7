"""Claims of an EBS storage class."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def storage_class(cluster):
    name = "gp3-test"
    cluster.apply(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
            "provisioner": "ebs.csi.aws.com",
            "volumeBindingMode": "WaitForFirstConsumer",
            "parameters": {"type": "gp3", "encrypted": "true"},
        }
    )
    return name


def _claim(cluster, name, storage_class):
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name},
            "spec": {
                "storageClassName": storage_class,
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "5Gi"}},
            },
        }
    )


def _pod(cluster, name, claim, zone):
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {
                "nodeSelector": {"topology.kubernetes.io/zone": zone},
                "containers": [
                    {"name": "main", "image": "busybox", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
                ],
                "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
            },
        }
    )


def _volumes(cluster, claim):
    filters = [{"Name": "tag:kubernetes.io/created-for/pvc/name", "Values": [claim]}]
    return cluster.sandbox.aws("ec2").describe_volumes(Filters=filters)["Volumes"]


def test_a_claim_waits_for_its_pod_and_for_the_driver_and_ends_with_its_volume(cluster, storage_class, wait_until):
    _claim(cluster, "data", storage_class)
    _pod(cluster, "reader", "data", "us-east-1b")

    def events():
        selector = "involvedObject.name=data,reason=ExternalProvisioning"
        found = cluster.core(lambda core: core.list_namespaced_event("default", field_selector=selector)).items
        return [event.message for event in found if "aws-ebs-csi-driver" in event.message]

    wait_until(events)
    assert _volumes(cluster, "data") == []
    cluster.sandbox.aws("eks").create_addon(clusterName=cluster.name, addonName="aws-ebs-csi-driver")

    def running():
        return cluster.core(lambda core: core.read_namespaced_pod("reader", "default")).status.phase == "Running"

    wait_until(running)
    (volume,) = _volumes(cluster, "data")
    tags = {tag["Key"]: tag["Value"] for tag in volume["Tags"]}
    assert tags[f"kubernetes.io/cluster/{cluster.name}"] == "owned"
    assert tags["CSIVolumeName"].startswith("pvc-")
    assert volume["AvailabilityZone"] == "us-east-1b"
    assert (volume["Size"], volume["VolumeType"], volume["Encrypted"]) == (5, "gp3", True)
    (persistent,) = cluster.core(lambda core: core.list_persistent_volume()).items
    assert persistent.spec.csi.volume_handle == volume["VolumeId"]
    assert persistent.status.phase == "Bound"

    cluster.core(lambda core: core.delete_namespaced_pod("reader", "default"))
    cluster.core(lambda core: core.delete_namespaced_persistent_volume_claim("data", "default"))
    wait_until(lambda: not cluster.core(lambda core: core.list_persistent_volume()).items)
    assert _volumes(cluster, "data") == []
