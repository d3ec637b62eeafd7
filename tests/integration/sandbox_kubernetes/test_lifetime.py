"""A cluster's processes end with it, and all of them with the sandbox, however that ends."""

from __future__ import annotations

import os
import signal


def test_every_process_ends_with_a_killed_sandbox(own_sandbox, make_cluster, wait_until):
    make_cluster(own_sandbox, "killed")
    # The supervisor itself does not name the folder: etcd, API server, controllers, scheduler, kwok.
    assert len(own_sandbox.kubernetes_processes()) == 5
    os.kill(own_sandbox.process.pid, signal.SIGKILL)
    own_sandbox.process.wait()
    wait_until(lambda: not own_sandbox.kubernetes_processes(), 3)


def test_a_cluster_goes_alone_and_its_name_can_be_used_again(sandbox, make_cluster, wait_until):
    before = len(sandbox.kubernetes_processes())
    for _ in range(2):
        cluster = make_cluster(sandbox, "again")
        assert len(sandbox.kubernetes_processes()) == before + 5
        eks, iam = sandbox.aws("eks"), sandbox.aws("iam")
        eks.delete_nodegroup(clusterName="again", nodegroupName="system")
        wait_until(lambda eks=eks: not eks.list_nodegroups(clusterName="again")["nodegroups"])
        eks.delete_cluster(name="again")
        wait_until(lambda: len(sandbox.kubernetes_processes()) == before)
        wait_until(lambda eks=eks: "again" not in eks.list_clusters()["clusters"])
        for kind in ("cluster", "nodes"):
            iam.delete_role(RoleName=f"{cluster.name}-{kind}")
