"""What kwok does to nodes and pods, and where it forwards ports to.

Pods of a real gateway image are left out: what they do is decided by a process (`gateways`), not by a timer.
"""

from __future__ import annotations

from typing import Any

from .stage_templates import NODE_HEARTBEAT, NODE_READY, POD_FINISHED, POD_IMAGE_MISSING, POD_RUNNING

Document = dict[str, Any]

GATEWAY_IMAGE = "beta9-gateway"
"""Last part of the image's name by which a pod is known to be a Beta9 gateway."""

_IMAGES = "(.spec.containers + (.spec.initContainers // []))[].image"
_RUNS_GATEWAY = f'.spec.containers[].image | select(test("(^|/){GATEWAY_IMAGE}([:@]|$)"))'
# Upstream deleted these images, so a pod that names one never starts.
_DELETED_IMAGE = f'{_IMAGES} | select(test("(^|docker[.]io/)bitnami/"))'
_READY = '.status.conditions.[] | select( .type == "Ready" ) | .status'


def _stage(name: str, kind: str, conditions: list[Document], effect: Document, delay_ms: int = 0) -> Document:
    spec: Document = {
        "resourceRef": {"apiGroup": "v1", "kind": kind},
        "selector": {"matchExpressions": conditions},
        "next": effect,
    }
    if delay_ms:
        spec["delay"] = {"durationMilliseconds": delay_ms}
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": spec,
    }


def _is(key: str, *values: str) -> Document:
    return {"key": key, "operator": "In", "values": list(values)}


def _is_not(key: str, *values: str) -> Document:
    return {"key": key, "operator": "NotIn", "values": list(values)}


def _absent(key: str) -> Document:
    return {"key": key, "operator": "DoesNotExist"}


def _present(key: str) -> Document:
    return {"key": key, "operator": "Exists"}


_ALIVE = _absent(".metadata.deletionTimestamp")


def stages() -> list[Document]:
    """Every stage, in no order that matters."""
    waiting = _is(".status.phase", "Pending")
    return [
        _stage("node-ready", "Node", [_is_not(_READY, "True")], {"statusTemplate": NODE_READY}),
        _stage("node-heartbeat", "Node", [_is(_READY, "True")], {"statusTemplate": NODE_HEARTBEAT}, 600_000),
        _stage(
            "pod-running",
            "Pod",
            [_ALIVE, waiting, _is_not(_READY, "True"), _absent(_RUNS_GATEWAY), _absent(_DELETED_IMAGE)],
            {"statusTemplate": POD_RUNNING},
        ),
        _stage(
            "pod-image-missing",
            "Pod",
            [
                _ALIVE,
                waiting,
                _present(_DELETED_IMAGE),
                _absent(".status.containerStatuses.[].state.waiting.reason"),
            ],
            {"statusTemplate": POD_IMAGE_MISSING},
        ),
        _stage(
            "pod-finished",
            "Pod",
            [_ALIVE, _is(".status.phase", "Running"), _is(".metadata.ownerReferences.[].kind", "Job")],
            {"statusTemplate": POD_FINISHED},
        ),
        _stage("pod-deleted", "Pod", [_present(".metadata.deletionTimestamp")], {"delete": True}),
    ]


def gateway_forwards(grpc_port: int, http_port: int) -> Document:
    """Forward a gateway pod's ports to its process on this machine."""
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterPortForward",
        "metadata": {"name": "gateway"},
        "spec": {
            "forwards": [
                {"ports": [1993], "target": {"address": "127.0.0.1", "port": grpc_port}},
                {"ports": [1994], "target": {"address": "127.0.0.1", "port": http_port}},
            ]
        },
    }
