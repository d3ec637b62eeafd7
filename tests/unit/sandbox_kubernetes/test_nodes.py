"""Node objects of a node group."""

from __future__ import annotations

import dataclasses

from libs.sandbox.aws.eks.control_planes import NodeGroup, Taint
from libs.sandbox.kubernetes.aws_access import ClusterScope
from libs.sandbox.kubernetes.nodes import InstanceType, changes, nodes_of

_SCOPE = ClusterScope("arn:cluster", "demo", "us-east-1", "111122223333", "vpc-1")
_GROUP = NodeGroup(
    name="gpu",
    labels={"mine": "1"},
    taints=(Taint("nvidia.com/gpu", "true", "NoSchedule"),),
    instance_types=("g4dn.xlarge",),
    desired_size=3,
    release_version="1.35.4-20261101",
    zones=("us-east-1a", "us-east-1b"),
)
_TYPES = {
    "g4dn.xlarge": InstanceType(cpus=4, memory_mib=16384, gpus=1, architecture="amd64", max_pods=29),
    "g5g.xlarge": InstanceType(cpus=4, memory_mib=8192, gpus=1, architecture="arm64", max_pods=29),
}


def test_nodes_are_spread_and_named_alike_every_time():
    nodes = nodes_of(_SCOPE, _GROUP, _TYPES)
    zones = [n["metadata"]["labels"]["topology.kubernetes.io/zone"] for n in nodes]
    assert zones == ["us-east-1a", "us-east-1b", "us-east-1a"]
    assert nodes == nodes_of(_SCOPE, _GROUP, _TYPES)
    assert len({n["metadata"]["name"] for n in nodes}) == 3
    fewer = nodes_of(_SCOPE, dataclasses.replace(_GROUP, desired_size=2), _TYPES)
    assert fewer == nodes[:2]
    other = nodes_of(dataclasses.replace(_SCOPE, arn="arn:other"), _GROUP, _TYPES)
    assert {n["metadata"]["name"] for n in other}.isdisjoint({n["metadata"]["name"] for n in nodes})


def test_a_node_brings_what_its_type_has():
    (node,) = nodes_of(_SCOPE, dataclasses.replace(_GROUP, desired_size=1), _TYPES)
    assert node["status"]["capacity"] == {
        "cpu": "4",
        "memory": "16384Mi",
        "pods": "29",
        "ephemeral-storage": "200Gi",
        "nvidia.com/gpu": "1",
    }
    assert node["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]
    assert node["metadata"]["labels"]["mine"] == "1"
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.35.4-eks"


def test_several_instance_types_take_turns():
    group = dataclasses.replace(_GROUP, instance_types=("g4dn.xlarge", "g5g.xlarge"), desired_size=2)
    labels = [n["metadata"]["labels"] for n in nodes_of(_SCOPE, group, _TYPES)]
    assert [label["node.kubernetes.io/instance-type"] for label in labels] == ["g4dn.xlarge", "g5g.xlarge"]
    assert [label["kubernetes.io/arch"] for label in labels] == ["amd64", "arm64"]


def test_gpus_need_the_driver():
    bare = dataclasses.replace(_GROUP, desired_size=1, has_gpu_driver=False)
    (node,) = nodes_of(_SCOPE, bare, _TYPES)
    assert "nvidia.com/gpu" not in node["status"]["allocatable"]


def test_another_release_or_template_means_other_machines():
    def names(group):
        return {node["metadata"]["name"] for node in nodes_of(_SCOPE, group, _TYPES)}

    for change in ({"release_version": "1.36.1-20261101"}, {"template": "lt-1/2"}):
        assert names(dataclasses.replace(_GROUP, **change)).isdisjoint(names(_GROUP))
    for change in ({"labels": {}}, {"taints": ()}):
        assert names(dataclasses.replace(_GROUP, **change)) == names(_GROUP)


def test_a_node_follows_its_group_and_keeps_what_others_put_on_it():
    (present,) = nodes_of(_SCOPE, dataclasses.replace(_GROUP, desired_size=1), _TYPES)
    present["metadata"]["labels"]["theirs"] = "1"
    theirs = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    present["spec"]["taints"].append(theirs)
    (same,) = nodes_of(_SCOPE, dataclasses.replace(_GROUP, desired_size=1), _TYPES)
    assert changes(present, same) is None

    group = dataclasses.replace(_GROUP, desired_size=1, labels={"other": "2"}, taints=(Taint("a", "", "NoExecute"),))
    (wanted,) = nodes_of(_SCOPE, group, _TYPES)
    patch = changes(present, wanted)
    assert patch["metadata"]["labels"] == {"other": "2", "mine": None}
    assert patch["spec"]["taints"] == [theirs, {"key": "a", "value": "", "effect": "NoExecute"}]
    assert patch["metadata"]["annotations"].items() <= wanted["metadata"]["annotations"].items()
