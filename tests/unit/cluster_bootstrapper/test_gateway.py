from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.gateway import parse_answer, wait_for_gateway
from services.cluster_bootstrapper.gateway_pods import gateway_pods, pod_state
from services.cluster_bootstrapper.ingress_address import ingress_address
from services.cluster_bootstrapper.ports import Log
from services.cluster_bootstrapper.storage_class import ensure_storage_class, gp3_storage_class

SERVICE = "/api/v1/namespaces/beta9/services/beta9-gateway"
POD = "/api/v1/namespaces/beta9/pods/beta9-gateway-1"
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'
BROKEN = b'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 19\r\n\r\n{"error":"no redis"}'
CLASS = "/apis/storage.k8s.io/v1/storageclasses/gp3"


def pod(name: str, phase: str = "Running", ready: bool = True, **status: Any) -> Any:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {
        "metadata": {"name": name, "namespace": "beta9", "labels": {"app": "gateway"}},
        "status": {"phase": phase, "conditions": conditions, **status},
    }


class Stream:
    """Gives `answer` in small parts, and keeps what it was sent."""

    def __init__(self, answer: bytes) -> None:
        self.parts = [answer[start : start + 7] for start in range(0, len(answer), 7)]
        self.sent = b""

    async def read(self) -> bytes:
        return self.parts.pop(0) if self.parts else b""

    async def write(self, data: bytes) -> None:
        self.sent += data

    async def close(self) -> None:
        pass


@pytest.fixture
def served(kube: Any) -> Any:
    """A gateway with one running pod; set `kube.answers` to what its connections say, the last for ever."""
    kube.put(SERVICE, {"metadata": {"name": "beta9-gateway"}, "spec": {"selector": {"app": "gateway"}}})
    kube.put(POD, pod("beta9-gateway-1"))
    kube.answers = [OK]
    kube.streams = []

    @asynccontextmanager
    async def forward(namespace: str, name: str, port: int) -> AsyncIterator[Stream]:
        assert (namespace, name, port) == ("beta9", "beta9-gateway-1", 1994)
        answer = kube.answers.pop(0) if len(kube.answers) > 1 else kube.answers[0]
        if isinstance(answer, Failure):
            raise answer
        kube.streams.append(Stream(answer))
        yield kube.streams[-1]

    kube.forward = forward
    return kube


async def test_ready_is_what_the_gateway_answered(served: Any, log: Log, lines: list[str]) -> None:
    assert await wait_for_gateway(served, log, seconds=0) == "beta9-gateway-1"
    assert served.streams[0].sent.startswith(b"GET /api/v1/health HTTP/1.1\r\n")
    assert 'HTTP 200 {"status":"ok"}' in lines[-1]


async def test_an_unhealthy_answer_is_asked_again(served: Any, log: Log, lines: list[str]) -> None:
    served.answers = [BROKEN, BROKEN, OK]
    await wait_for_gateway(served, log, seconds=5, interval=0)
    assert len(served.streams) == 3
    assert len(lines) == 2  # the same trouble is told once


async def test_a_gateway_that_never_answers_is_told_with_its_last_answer_and_pods(served: Any, log: Log) -> None:
    served.answers = [BROKEN]
    with pytest.raises(Failure) as caught:
        await wait_for_gateway(served, log, seconds=0)
    failure = caught.value
    assert failure.reason == "GATEWAY_NEVER_ANSWERED"
    assert failure.retryable
    assert "HTTP 500" in failure.message and "no redis" in failure.message
    assert "beta9-gateway-1: Running, ready" in failure.message


@pytest.mark.parametrize("answer", [b"", b"\x00\x01 nonsense", b"SSH-2.0-x\r\n\r\n"])
async def test_nonsense_is_not_an_answer(served: Any, log: Log, answer: bytes) -> None:
    served.answers = [answer]
    with pytest.raises(Failure, match="GATEWAY_NEVER_ANSWERED"):
        await wait_for_gateway(served, log, seconds=0)


async def test_a_forward_that_fails_is_tried_again(served: Any, log: Log) -> None:
    served.answers = [Failure(reason="PORT_FORWARD_FAILED", message="no node", retryable=True), OK]
    assert await wait_for_gateway(served, log, seconds=5, interval=0)


async def test_without_a_pod_the_failure_says_so(kube: Any, log: Log) -> None:
    with pytest.raises(Failure, match="there is no gateway pod"):
        await wait_for_gateway(kube, log, seconds=0)


async def test_pods_that_are_going_are_not_asked_and_ready_ones_come_first(served: Any) -> None:
    going = "/api/v1/namespaces/beta9/pods/going"
    served.put(going, pod("going"))
    served.objects[going]["metadata"]["deletionTimestamp"] = "now"
    served.put("/api/v1/namespaces/beta9/pods/a-waiting", pod("a-waiting", ready=False))
    assert [state.name for state in await gateway_pods(served)] == ["beta9-gateway-1", "a-waiting"]


def test_a_pods_trouble_is_named() -> None:
    crashing = pod(
        "x",
        ready=False,
        containerStatuses=[{"name": "main", "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
    )
    assert pod_state(crashing).summary == "x: Running, not ready, main CrashLoopBackOff after 4 restarts"
    unscheduled = pod("y", phase="Pending", ready=False)
    unscheduled["status"]["conditions"].append(
        {"type": "PodScheduled", "status": "False", "message": "0/2 nodes: insufficient cpu"}
    )
    assert "insufficient cpu" in pod_state(unscheduled).summary


def test_an_answer_is_read() -> None:
    answer = parse_answer(b"HTTP/1.1 503 Service Unavailable\r\nX: y\r\n\r\n{\n draining\n}")
    assert (answer.status, answer.body, answer.healthy) == (503, "{ draining }", False)


async def test_the_ingress_address_is_the_load_balancers(kube: Any, log: Log) -> None:
    path = "/api/v1/namespaces/nginx-ingress/services/nginx-ingress-controller"
    service: Any = {"metadata": {"name": "nginx-ingress-controller"}, "spec": {"type": "LoadBalancer"}}
    kube.put(path, service)
    with pytest.raises(Failure, match="LOAD_BALANCER_NOT_READY"):
        await ingress_address(kube, log, seconds=0)
    service["status"] = {"loadBalancer": {"ingress": [{"hostname": "x.elb.amazonaws.com"}]}}
    assert await ingress_address(kube, log, seconds=0) == "x.elb.amazonaws.com"


async def test_the_storage_class_is_made_and_kept(kube: Any) -> None:
    await ensure_storage_class(kube)
    await ensure_storage_class(kube)
    assert kube.objects[CLASS] == gp3_storage_class()
    assert kube.objects[CLASS]["parameters"]["encrypted"] == "true"
    assert kube.objects[CLASS]["volumeBindingMode"] == "WaitForFirstConsumer"
    assert f"delete {CLASS}" not in kube.calls


async def test_a_storage_class_that_differs_is_made_anew(kube: Any) -> None:
    kube.put(CLASS, {**gp3_storage_class(), "parameters": {"type": "gp2"}})
    await ensure_storage_class(kube)
    assert kube.calls == [f"delete {CLASS}", f"apply {CLASS}"]
    assert kube.objects[CLASS] == gp3_storage_class()
