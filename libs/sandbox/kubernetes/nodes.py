"""The nodes of a managed node group: what each is, and how one that is there follows its group."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from dataclasses import dataclass

from ..aws.eks.control_planes import NodeGroup
from .api import Object
from .aws_access import AwsAccess, ClusterScope

NODE_GROUP_LABEL = "eks.amazonaws.com/nodegroup"
_OWN = "sandbox.local/of-the-node-group"
"""Annotation with the labels and taints that a node has from its group; all others are somebody else's."""


@dataclass(frozen=True, slots=True)
class InstanceType:
    """What an instance type brings."""

    cpus: int
    memory_mib: int
    gpus: int
    architecture: str
    max_pods: int


def look_up_instance_type(aws: AwsAccess, scope: ClusterScope, name: str) -> InstanceType:
    """Ask EC2 what `name` brings; a type that it does not know raises botocore's ClientError."""
    ec2 = aws.client("ec2", scope)
    (found,) = ec2.describe_instance_types(InstanceTypes=[name])["InstanceTypes"]
    architectures = found.get("ProcessorInfo", {}).get("SupportedArchitectures", ["x86_64"])
    network = found.get("NetworkInfo", {})
    interfaces = network.get("MaximumNetworkInterfaces", 4)
    addresses = network.get("Ipv4AddressesPerInterface", 10)
    return InstanceType(
        cpus=found["VCpuInfo"]["DefaultVCpus"],
        memory_mib=found["MemoryInfo"]["SizeInMiB"],
        gpus=sum(
            gpu.get("Count", 0)
            for gpu in found.get("GpuInfo", {}).get("Gpus", [])
            if gpu.get("Manufacturer") == "NVIDIA"
        ),
        architecture="arm64" if "arm64" in architectures else "amd64",
        # The rule of EKS' AMIs: every secondary address carries a pod, and two pods use the host's network.
        max_pods=min(interfaces * (addresses - 1) + 2, 110),
    )


def nodes_of(scope: ClusterScope, group: NodeGroup, types: dict[str, InstanceType]) -> list[Object]:
    """The nodes that `group` wants, spread over its zones. The same group gives the same names."""
    found = []
    for index in range(group.desired_size):
        instance_type = group.instance_types[index % len(group.instance_types)]
        zone = group.zones[index % len(group.zones)]
        found.append(_node(scope, group, index, instance_type, types[instance_type], zone))
    return found


def _node(
    scope: ClusterScope,
    group: NodeGroup,
    index: int,
    type_name: str,
    brings: InstanceType,
    zone: str,
) -> Object:
    # Another AMI or template means another machine, with a name of its own.
    machine = f"{scope.arn}/{group.name}/{index}/{group.release_version}/{group.template}"
    digest = hashlib.sha256(machine.encode()).hexdigest()
    instance_id = f"i-{digest[:17]}"
    address = ipaddress.ip_address("10.0.128.0") + int(digest[:4], 16) % 0x7FFF
    name = f"ip-{str(address).replace('.', '-')}-{digest[:4]}.{scope.region}.compute.internal"
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": brings.architecture,
        "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/arch": brings.architecture,
        "node.kubernetes.io/instance-type": type_name,
        "beta.kubernetes.io/instance-type": type_name,
        "topology.kubernetes.io/region": scope.region,
        "topology.kubernetes.io/zone": zone,
        "topology.ebs.csi.aws.com/zone": zone,
        "failure-domain.beta.kubernetes.io/region": scope.region,
        "failure-domain.beta.kubernetes.io/zone": zone,
        **group.labels,
        NODE_GROUP_LABEL: group.name,
    }
    resources = _resources(brings, group.has_gpu_driver)
    taints = [{"key": t.key, "value": t.value, "effect": t.effect} for t in group.taints]
    own = {"labels": sorted(labels), "taints": [[t.key, t.effect] for t in group.taints]}
    kubelet = re.sub(r"-.*", "", group.release_version)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": labels,
            "annotations": {"alpha.kubernetes.io/provided-node-ip": str(address), _OWN: json.dumps(own)},
        },
        "spec": {
            "providerID": f"aws:///{zone}/{instance_id}",
            "taints": taints,
        },
        "status": {
            # Loopback, because the API server reaches kwok by it when it forwards a port.
            "addresses": [
                {"type": "InternalIP", "address": "127.0.0.1"},
                {"type": "Hostname", "address": name},
                {"type": "InternalDNS", "address": name},
            ],
            "capacity": resources,
            "allocatable": resources,
            "nodeInfo": {
                "architecture": brings.architecture,
                "operatingSystem": "linux",
                "kubeletVersion": f"v{kubelet}-eks",
                "kubeProxyVersion": f"v{kubelet}-eks",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.12.0",
                "osImage": "Amazon Linux 2023",
                "machineID": digest[:32],
                "systemUUID": digest[:32],
                "bootID": digest[32:],
            },
        },
    }


def changes(present: Object, wanted: Object) -> Object | None:
    """The merge patch that makes a node what its group says, leaving what others put on it; None when it is that."""
    metadata, own = present["metadata"], json.loads(present["metadata"].get("annotations", {}).get(_OWN, "{}"))
    labels: dict[str, str | None] = {
        name: value
        for name, value in wanted["metadata"]["labels"].items()
        if metadata.get("labels", {}).get(name) != value
    }
    labels.update({name: None for name in own.get("labels", []) if name not in wanted["metadata"]["labels"]})
    before = present.get("spec", {}).get("taints") or []
    ours = {tuple(pair) for pair in own.get("taints", [])}
    ours |= {(taint["key"], taint["effect"]) for taint in wanted["spec"]["taints"]}
    others = [taint for taint in before if (taint["key"], taint["effect"]) not in ours]
    taints = others + wanted["spec"]["taints"]
    if not labels and _comparable(taints) == _comparable(before):
        return None
    annotations = {_OWN: wanted["metadata"]["annotations"][_OWN]}
    return {"metadata": {"labels": labels, "annotations": annotations}, "spec": {"taints": taints}}


def _comparable(taints: list[Object]) -> set[tuple[str, str, str]]:
    return {(taint["key"], taint.get("value") or "", taint["effect"]) for taint in taints}


def _resources(brings: InstanceType, has_gpu_driver: bool) -> dict[str, str]:
    resources = {
        "cpu": str(brings.cpus),
        "memory": f"{brings.memory_mib}Mi",
        "pods": str(brings.max_pods),
        "ephemeral-storage": "200Gi",
    }
    # A device plugin would announce these; nothing runs on these nodes, so the type itself does.
    return resources | ({"nvidia.com/gpu": str(brings.gpus)} if brings.gpus and has_gpu_driver else {})
