"""Nodes of a node group, and what becomes of pods on them."""

from __future__ import annotations


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
        wait_until(lambda size=size: len(cluster.core(lambda core: core.list_node().items)) == size)


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
