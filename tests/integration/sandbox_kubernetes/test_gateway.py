"""The stand-in gateway behind the gateway pod of our chart."""

from __future__ import annotations

import copy
import http.client
import json

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from libs.sandbox.gateway.protocol import AuthorizeRequest, AuthorizeResponse

_NAMESPACE = "beta9"
_SERVING = health_pb2.HealthCheckResponse.SERVING


def _install(cluster, charts, values, *more, wait="40s"):
    chart = str(charts / "beta9-chart")
    waiting = ("--wait", "--timeout", wait) if wait else ()
    return cluster.helm(
        "upgrade", "--install", "beta9", chart, "-n", _NAMESPACE, "--create-namespace", *waiting, *more, values=values
    )


def _pod(cluster):
    """The newest gateway pod."""
    pods = cluster.core(
        lambda core: core.list_namespaced_pod(_NAMESPACE, label_selector="app.kubernetes.io/component=gateway")
    ).items
    alive = [p for p in pods if p.metadata.deletion_timestamp is None]
    return max(alive, key=lambda p: p.metadata.creation_timestamp) if alive else None


def _ready(pod):
    conditions = {c.type: c for c in (pod.status.conditions or [])} if pod else {}
    return "Ready" in conditions and conditions["Ready"].status == "True"


def _why(pod):
    return next((c.message for c in (pod.status.conditions or []) if c.type == "Ready"), None) if pod else None


def _health(cluster, pod_name, path="/api/v1/health", timeout=5):
    with cluster.forwarded(_NAMESPACE, pod_name, 1994) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


def _outcome(cluster, pod_name):
    """What `_health` gives, or the kind of its failure."""
    try:
        return _health(cluster, pod_name, timeout=1)
    except (OSError, http.client.HTTPException) as error:
        return type(error)


def _authorize(cluster, pod_name, token=None):
    metadata = () if token is None else (("authorization", f"Bearer {token}"),)
    with (
        cluster.forwarded(_NAMESPACE, pod_name, 1993) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        call = channel.unary_unary(
            "/gateway.GatewayService/Authorize",
            request_serializer=AuthorizeRequest.SerializeToString,
            response_deserializer=AuthorizeResponse.FromString,
        )
        return call(AuthorizeRequest(), metadata=metadata, timeout=10)


@pytest.fixture(scope="module")
def installed(cluster, charts, backends):
    done = _install(cluster, charts, backends.values())
    assert done.returncode == 0, done.stderr
    return backends.values()


def test_its_health_answers_through_the_port_forward(cluster, installed):
    name = _pod(cluster).metadata.name
    assert _health(cluster, name) == (200, {"status": "ok"})
    assert _health(cluster, name, "/api/v1/health/live") == (200, {"status": "ok"})
    with cluster.forwarded(_NAMESPACE, name, 1993) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("readiness", "liveness", ""):
            answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
            assert answer.status == _SERVING


def test_the_first_caller_alone_gets_the_token_even_after_a_restart(cluster, installed, wait_until):
    first = _authorize(cluster, _pod(cluster).metadata.name)
    assert first.ok
    assert first.new_token
    second = _authorize(cluster, _pod(cluster).metadata.name)
    assert (second.ok, second.new_token, second.error_msg) == (False, "", "Invalid token")

    before = _pod(cluster).metadata
    cluster.core(lambda core: core.delete_namespaced_pod(before.name, _NAMESPACE))
    after = wait_until(lambda: (p := _pod(cluster)) and p.metadata.uid != before.uid and _ready(p) and p)
    third = _authorize(cluster, after.metadata.name)
    assert (third.ok, third.new_token) == (False, "")
    known = _authorize(cluster, after.metadata.name, first.new_token)
    assert (known.ok, known.workspace_id, known.new_token) == (True, first.workspace_id, "")
    assert not _authorize(cluster, after.metadata.name, "wrong").ok


def test_a_wrong_value_keeps_it_from_getting_ready(cluster, charts, installed, wait_until):
    wrong = copy.deepcopy(installed)
    wrong["config"]["database"]["redis"]["enableTLS"] = False
    before = _pod(cluster).metadata.uid
    assert _install(cluster, charts, wrong, wait="3s").returncode != 0
    pod = wait_until(lambda: (p := _pod(cluster)) and p.metadata.uid != before and p.status.phase == "Running" and p)
    status, document = wait_until(lambda: (a := _health(cluster, pod.metadata.name)) and "TLS" in str(a[1]) and a)
    assert status == 503
    assert "wants TLS" in document["error"]
    assert not _ready(_pod(cluster))
    with pytest.raises(grpc.RpcError, match="no database"):
        _authorize(cluster, pod.metadata.name)
    assert _install(cluster, charts, installed).returncode == 0


def test_it_waits_for_backends_that_do_not_answer(cluster, charts, installed, wait_until):
    wrong = copy.deepcopy(installed)
    containers = wrong["controllers"]["gateway"]["initContainers"]
    containers["wait-on-backends"]["command"] = ["sh", "-c", "until nc -z redis-master 6379; do sleep 1; done"]
    assert _install(cluster, charts, wrong, wait="").returncode == 0
    wait_until(lambda: _why(_pod(cluster)) == "cannot connect to redis-master:6379")
    assert _pod(cluster).status.phase == "Pending"
    assert _install(cluster, charts, installed).returncode == 0


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        ("unready", {"controllers": {"gateway": {"pod": {"annotations": {"sandbox.beta9.dev/gateway": "unready"}}}}}),
        ("silent", {"config": {"gateway": {"http": {"externalHost": "silent.gateway.test"}}}}),
    ],
)
def test_it_can_be_told_never_to_answer(cluster, charts, installed, wait_until, mode, values):
    told = copy.deepcopy(installed)
    for top, more in values.items():
        told[top] = {**told[top], **{k: told[top].get(k, {}) | v for k, v in more.items()}}
    before = _pod(cluster).metadata.uid
    assert _install(cluster, charts, told, wait="").returncode == 0
    pod = wait_until(lambda: (p := _pod(cluster)) and p.metadata.uid != before and p.status.phase == "Running" and p)
    assert _ready(pod) is (mode == "silent")
    # The container runs a little before its process listens; until then the connection is refused.
    expected = TimeoutError if mode == "silent" else (503, {"status": "not ok", "error": "told to be unready"})
    wait_until(lambda: _outcome(cluster, pod.metadata.name) == expected)
    assert _install(cluster, charts, installed).returncode == 0
