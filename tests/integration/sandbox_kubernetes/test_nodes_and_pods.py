"""Nodes of a node group, and what becomes of pods on them."""

from __future__ import annotations

import pytest


def test_nodes_carry_what_eks_and_the_node_group_say(cluster):
    nodes = cluster.core(lambda core: core.list_node().items)
    assert len(nodes) == 2
    for node in nodes:
        labels = node.metadata.labels
        assert labels["eks.amazonaws.com/nodegroup"] == "system"
        assert labels["beta9.example/pool"] == "system"
        assert labels["node.kubernetes.io/instance-type"] == "t3.large"
        assert labels["topology.kubernetes.io/region"] == cluster.region
        assert labels["kubernetes.io/os"] == "linux"
        assert labels["kubernetes.io/arch"] == "amd64"
        zone = labels["topology.kubernetes.io/zone"]
        assert node.spec.provider_id.startswith(f"aws:///{zone}/i-")
        assert node.status.capacity["cpu"] == "2"
        assert node.status.capacity["memory"] == "8Gi"
        assert node.status.capacity["pods"] == "35"
        assert {c.type: c.status for c in node.status.conditions}["Ready"] == "True"
        assert [(t.key, t.value, t.effect) for t in node.spec.taints] == [("example", "yes", "PreferNoSchedule")]
    assert {n.metadata.labels["topology.kubernetes.io/zone"] for n in nodes} == set(cluster.zones)


def test_a_node_group_grows_and_shrinks(cluster, wait_until):
    eks = cluster.sandbox.aws("eks")
    for size in (3, 2):
        scaling = {"minSize": 1, "maxSize": 3, "desiredSize": size}
        eks.update_nodegroup_config(clusterName=cluster.name, nodegroupName="system", scalingConfig=scaling)
        wait_until(lambda: is_settled(cluster, "system"))
        assert len(cluster.core(lambda core: core.list_node().items)) == size


def is_settled(cluster, name):
    group = cluster.sandbox.aws("eks").describe_nodegroup(clusterName=cluster.name, nodegroupName=name)["nodegroup"]
    return group["status"] == "ACTIVE"


def nodes_of(cluster, name):
    selector = f"eks.amazonaws.com/nodegroup={name}"
    return cluster.core(lambda core: core.list_node(label_selector=selector).items)


@pytest.fixture
def gpu_group(cluster, wait_until):
    """A second group beside `system`: one GPU node behind a taint, a version behind the cluster."""
    eks, of = cluster.sandbox.aws("eks"), {"clusterName": cluster.name, "nodegroupName": "gpu"}
    role = eks.describe_nodegroup(clusterName=cluster.name, nodegroupName="system")["nodegroup"]["nodeRole"]
    eks.create_nodegroup(
        **of,
        nodeRole=role,
        subnets=cluster.subnets[:1],
        instanceTypes=["g5.12xlarge"],
        amiType="AL2023_x86_64_NVIDIA",
        version="1.34",
        scalingConfig={"minSize": 0, "maxSize": 2, "desiredSize": 1},
        labels={"pool": "gpu", "old": "1"},
        taints=[{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
    )
    wait_until(lambda: is_settled(cluster, "gpu"))
    yield of
    eks.delete_nodegroup(**of)
    wait_until(lambda: not nodes_of(cluster, "gpu"))


def test_gpu_nodes_follow_their_group(cluster, gpu_group, wait_until):
    eks = cluster.sandbox.aws("eks")
    (node,) = nodes_of(cluster, "gpu")
    assert node.status.allocatable["nvidia.com/gpu"] == "4"
    assert [(t.key, t.effect) for t in node.spec.taints] == [("nvidia.com/gpu", "NoSchedule")]
    eks.update_nodegroup_config(
        **gpu_group,
        labels={"addOrUpdateLabels": {"pool": "big"}, "removeLabels": ["old"]},
        taints={
            "addOrUpdateTaints": [{"key": "mine", "effect": "NO_EXECUTE"}],
            "removeTaints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
        },
    )
    wait_until(lambda: is_settled(cluster, "gpu"))
    (same,) = nodes_of(cluster, "gpu")
    assert same.metadata.name == node.metadata.name
    assert same.metadata.labels["pool"] == "big"
    assert "old" not in same.metadata.labels
    assert [(t.key, t.effect) for t in same.spec.taints] == [("mine", "NoExecute")]


def test_a_new_version_brings_new_nodes_and_moves_the_pods(cluster, gpu_group, wait_until):
    (old,) = nodes_of(cluster, "gpu")
    assert old.status.node_info.kubelet_version.startswith("v1.34.")
    labels = {"app": "moves"}
    spec = {
        "containers": [{"name": "main", "image": "busybox", "resources": {"limits": {"nvidia.com/gpu": "1"}}}],
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
    }
    deployment = {"replicas": 1, "selector": {"matchLabels": labels}}
    cluster.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "moves"},
            "spec": deployment | {"template": {"metadata": {"labels": labels}, "spec": spec}},
        }
    )

    def places():
        pods = cluster.core(lambda core: core.list_namespaced_pod("default", label_selector="app=moves").items)
        return [pod.spec.node_name for pod in pods if pod.status.phase == "Running"]

    wait_until(lambda: places() == [old.metadata.name])
    cluster.sandbox.aws("eks").update_nodegroup_version(**gpu_group, version="1.35")
    wait_until(lambda: is_settled(cluster, "gpu"))
    (new,) = nodes_of(cluster, "gpu")
    assert new.metadata.name != old.metadata.name
    assert new.spec.provider_id != old.spec.provider_id
    assert new.status.node_info.kubelet_version.startswith("v1.35.")
    wait_until(lambda: places() == [new.metadata.name])


def test_a_group_that_goes_leaves_its_pods_to_the_others(cluster, wait_until):
    """Kubernetes itself collects the pods of a node that is gone only after 40 seconds."""
    eks, of = cluster.sandbox.aws("eks"), {"clusterName": cluster.name, "nodegroupName": "leaving"}
    role = eks.describe_nodegroup(clusterName=cluster.name, nodegroupName="system")["nodegroup"]["nodeRole"]
    scaling = {"minSize": 1, "maxSize": 1, "desiredSize": 1}
    eks.create_nodegroup(**of, nodeRole=role, subnets=cluster.subnets[:1], scalingConfig=scaling)
    wait_until(lambda: is_settled(cluster, "leaving"))
    here = [{"key": "eks.amazonaws.com/nodegroup", "operator": "In", "values": ["leaving"]}]
    preferred = [{"weight": 100, "preference": {"matchExpressions": here}}]
    labels = {"app": "stays"}
    template = {
        "containers": [{"name": "main", "image": "busybox"}],
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}},
    }
    spec = {"replicas": 1, "selector": {"matchLabels": labels}}
    cluster.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "stays"},
            "spec": spec | {"template": {"metadata": {"labels": labels}, "spec": template}},
        }
    )

    def places():
        pods = cluster.core(lambda core: core.list_namespaced_pod("default", label_selector="app=stays").items)
        return [
            pod.spec.node_name for pod in pods if pod.status.phase == "Running" and not pod.metadata.deletion_timestamp
        ]

    (node,) = nodes_of(cluster, "leaving")
    wait_until(lambda: places() == [node.metadata.name])
    eks.delete_nodegroup(**of)
    wait_until(lambda: not nodes_of(cluster, "leaving"))
    others = {one.metadata.name for one in nodes_of(cluster, "system")}
    wait_until(lambda: len(places()) == 1 and set(places()) <= others)


def test_a_pod_runs_and_a_job_completes(cluster, wait_until):
    container = {"name": "main", "image": "busybox"}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "runs"}, "spec": {"containers": [container]}}
    )
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "ends", "labels": {"test": "ends"}},
            "spec": {"containers": [container]},
        }
    )
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}, "spec": {"template": template}}
    cluster.apply(job)

    def phase(**selector):
        return [
            p.status.phase for p in cluster.core(lambda core: core.list_namespaced_pod("default", **selector)).items
        ]

    wait_until(lambda: phase(field_selector="metadata.name=runs") == ["Running"])
    wait_until(lambda: phase(label_selector="job-name=job") == ["Succeeded"])
    cluster.core(lambda core: core.delete_namespaced_pod("ends", "default"))
    wait_until(lambda: phase(label_selector="test=ends") == [])


def test_a_pod_of_an_image_that_was_deleted_upstream_never_starts(cluster, wait_until):
    container = {"name": "main", "image": "docker.io/bitnami/redis:7.2.4"}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gone"}, "spec": {"containers": [container]}}
    )

    def reason():
        (pod,) = cluster.core(
            lambda core: core.list_namespaced_pod("default", field_selector="metadata.name=gone").items
        )
        statuses = pod.status.container_statuses
        return statuses and statuses[0].state.waiting and statuses[0].state.waiting.reason

    assert wait_until(reason) == "ImagePullBackOff"
