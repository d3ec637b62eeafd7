from __future__ import annotations

from typing import Any

import pytest

from libs.failures import Actor, Failure
from services.cluster_bootstrapper.nodes import wait_for_nodes
from services.cluster_bootstrapper.ports import Log


def node(name: str, *, status: str = "True", message: str = "") -> Any:
    ready = {"type": "Ready", "status": status, "message": message}
    return {"metadata": {"name": name}, "status": {"conditions": [ready]}}


def unreachable() -> Failure:
    return Failure(reason="CLUSTER_UNREACHABLE", message="no answer", retryable=True)


async def test_ready_nodes_are_given_at_once(kube: Any, log: Log, lines: list[str]) -> None:
    kube.put("/api/v1/nodes/a", node("a"))
    kube.put("/api/v1/nodes/b", node("b"))
    states = await wait_for_nodes(kube, 2, log, seconds=0)
    assert [state.name for state in states] == ["a", "b"]
    assert lines == ["2 of 2 nodes are ready"]


async def test_progress_is_told_when_it_changes(kube: Any, log: Log, lines: list[str]) -> None:
    looks = 0

    def happens(_: str) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            kube.put("/api/v1/nodes/a", node("a", status="False", message="cni not initialized"))
        if looks == 5:
            kube.put("/api/v1/nodes/a", node("a"))

    kube.on_list = happens
    await wait_for_nodes(kube, 1, log, seconds=10, interval=0)
    assert lines == [
        "0 of 1 nodes are ready",
        "0 of 1 nodes are ready (a: cni not initialized)",
        "1 of 1 nodes are ready",
    ]


async def test_the_deadline_names_what_is_not_ready_and_why(kube: Any, log: Log) -> None:
    kube.put("/api/v1/nodes/a", node("a"))
    kube.put("/api/v1/nodes/b", node("b", status="Unknown", message="Kubelet stopped posting"))
    with pytest.raises(Failure) as caught:
        await wait_for_nodes(kube, 3, log, seconds=0)
    failure = caught.value
    assert failure.reason == "NODES_NOT_READY"
    assert "1 of 3" in failure.message
    assert "b: Kubelet stopped posting" in failure.message
    assert "1 have not joined" in failure.message
    assert failure.metadata["not_ready"] == "b"
    assert failure.actor is Actor.CUSTOMER


async def test_an_api_that_does_not_answer_yet_is_waited_for(kube: Any, log: Log) -> None:
    kube.put("/api/v1/nodes/a", node("a"))
    kube.fail = [unreachable(), unreachable()]
    assert await wait_for_nodes(kube, 1, log, seconds=10, interval=0)


async def test_an_api_that_never_answered_is_told_as_such(kube: Any, log: Log) -> None:
    kube.fail = [unreachable()]
    with pytest.raises(Failure, match="CLUSTER_UNREACHABLE"):
        await wait_for_nodes(kube, 1, log, seconds=0)


async def test_a_refusal_is_not_waited_for(kube: Any, log: Log) -> None:
    kube.fail = [Failure(reason="CLUSTER_ACCESS_DENIED", message="no")]
    with pytest.raises(Failure, match="CLUSTER_ACCESS_DENIED"):
        await wait_for_nodes(kube, 1, log, seconds=60)
