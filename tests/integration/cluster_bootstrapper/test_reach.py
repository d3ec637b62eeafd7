"""A cluster is reached as on EKS: by a token made from the customer's role."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import pytest
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.aws_access.sessions import prove_external_id_required, session_for
from libs.failures import Failure
from services.cluster_bootstrapper.nodes import wait_for_nodes
from services.cluster_bootstrapper.ports import Log
from services.cluster_bootstrapper.reach import prove_private_reach
from tests.integration.cluster_bootstrapper.steps import Bootstrapper

pytestmark = pytest.mark.integration


async def test_nodes_are_ready(connection: Any, log: Log, lines: list[str]) -> None:
    states = await wait_for_nodes(connection.kube, 2, log, seconds=60)
    assert len(states) == 2
    assert lines[-1] == "2 of 2 nodes are ready"


async def test_more_nodes_than_there_are_is_a_failure_that_says_so(connection: Any, log: Log) -> None:
    with pytest.raises(Failure, match="2 of 5"):
        await wait_for_nodes(connection.kube, 5, log, seconds=1, interval=0.2)


async def test_a_token_for_another_cluster_is_refused(cloud: Any, connected_to: Any) -> None:
    wrong = connected_to(dataclasses.replace(cloud.cluster, cluster_name="another"))
    with pytest.raises(Failure, match="CLUSTER_ACCESS_DENIED"):
        await wrong.kube.list("/api/v1/nodes")


async def test_an_endpoint_where_nobody_answers_is_told(cloud: Any, connected_to: Any) -> None:
    gone = dataclasses.replace(cloud.cluster, cluster_endpoint="https://127.0.0.1:1")
    with pytest.raises(Failure) as caught:
        await connected_to(gone).kube.list("/api/v1/nodes")
    assert caught.value.reason == "CLUSTER_UNREACHABLE"
    assert caught.value.retryable


async def test_a_private_endpoint_is_reached_or_told(cloud: Any, connection: Any, connected_to: Any) -> None:
    await prove_private_reach(connection.kube, connection.cluster, "vpc-1", seconds=0)
    far = connected_to(dataclasses.replace(cloud.cluster, cluster_endpoint="https://127.0.0.1:1"))
    with pytest.raises(Failure) as caught:
        await prove_private_reach(far.kube, far.cluster, "vpc-1", seconds=0.3, interval=0.1)
    assert caught.value.reason == "PRIVATE_ENDPOINT_UNREACHABLE"
    assert not caught.value.retryable
    # A name that cannot be resolved, as from outside of a VPC with DNS of its own.
    nowhere = connected_to(dataclasses.replace(cloud.cluster, cluster_endpoint="https://nowhere.invalid"))
    with pytest.raises(Failure, match="PRIVATE_ENDPOINT_UNREACHABLE"):
        await prove_private_reach(nowhere.kube, nowhere.cluster, "vpc-1", seconds=0.3, interval=0.1)


async def test_every_step_proves_its_way_to_a_private_endpoint_first(
    cloud: Any, charts: Path, helm_program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = functools.partial(prove_private_reach, seconds=0.3, interval=0.1)
    monkeypatch.setattr("services.cluster_bootstrapper.connection.prove_private_reach", soon)
    cluster = pb.ClusterSpec(endpoint_access=pb.ENDPOINT_ACCESS_PRIVATE)
    spec = pb.EnvironmentSpec(cluster=cluster, beta9=pb.Beta9Spec(domain="beta9.example.com"))
    far = Bootstrapper(cloud, charts, helm_program, "44444444-2222-3333-4444-555555555555", spec)
    far.outputs.cluster_endpoint = "https://127.0.0.1:1"
    for serve in (far.baseline, far.beta9, far.drain):
        with pytest.raises(Failure, match="PRIVATE_ENDPOINT_UNREACHABLE") as caught:
            await serve()
        assert cloud.cluster.vpc_id in caught.value.message


async def test_lists_are_read_to_their_end(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await connection.kube.list("/apis/rbac.authorization.k8s.io/v1/clusterroles")
    monkeypatch.setattr("services.cluster_bootstrapper.kube_api._PAGE", 7)
    paged = await connection.kube.list("/apis/rbac.authorization.k8s.io/v1/clusterroles")
    assert len(paged) == len(whole) > 7


async def test_a_group_that_is_not_served_has_no_objects(connection: Any) -> None:
    assert await connection.kube.list("/apis/nothing.example/v1/things") == []
    assert await connection.kube.get("/api/v1/namespaces/default/configmaps/none") is None
    assert await connection.kube.delete("/api/v1/namespaces/default/configmaps/none") is False


def test_the_role_demands_its_external_id(cloud: Any) -> None:
    prove_external_id_required(cloud.access)


def test_a_wrong_external_id_does_not_get_in(cloud: Any) -> None:
    with pytest.raises(Failure, match="ROLE_NOT_ASSUMABLE"):
        session_for(dataclasses.replace(cloud.access, external_id="somebody-elses"), "wrong")
