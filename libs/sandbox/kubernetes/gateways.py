"""Gateway pods: what a kubelet would do with them, with a process of this machine for the container."""

from __future__ import annotations

import datetime
import http.client
import itertools
import json
import os
import re
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..gateway.config import ConfigUnreadable, merge
from ..gateway.mounts import MountMissing, mounted_configuration
from .api import Object
from .certificates import write_private
from .cluster import Cluster
from .local_server import LocalServer
from .network import Network
from .stages import GATEWAY_IMAGE

PODS = "/api/v1/pods"
MODES = ("answers", "unready", "silent")
"""How a gateway behaves: as the real one, with 503 for ever, or ready to Kubernetes but without any answer."""

MODE_ANNOTATION = "sandbox.beta9.dev/gateway"
"""On a pod: one of `MODES`, before what is set for its cluster."""

MODE_DOMAIN = "gateway.test"
"""An external host that is one of `MODES` under this domain, such as `silent.gateway.test`, does the same."""

_REPOSITORY = Path(__file__).resolve().parents[3]
_IMAGE = re.compile(rf"(^|/){GATEWAY_IMAGE}([:@]|$)")
_HOST = r"(?!\d+\b(?!\.))[A-Za-z0-9][A-Za-z0-9._-]*"
_DIALS = re.compile(rf"\bnc\s+(?:-\S+\s+(?:\d+\s+)?)*({_HOST})\s+(\d+)")
_IS_HOST = re.compile(_HOST)
_SOON_S, _LATER_S = 0.5, 5.0


@dataclass(frozen=True, slots=True)
class _Run:
    pod_uid: str
    mode: str
    network_path: str


class Gateways:
    """Runs at most one gateway process, for the newest gateway pod of one cluster."""

    def __init__(self, cluster: Cluster, network: Network, server: LocalServer, mode: Callable[[], str]) -> None:
        self._cluster = cluster
        self._network = network
        self._server = server
        self._mode = mode
        self._run: _Run | None = None

    def reconcile(self, pod: Object) -> float | None:
        """Bring one pod a step on: wait for its node, wait on its backends, start its process, ask for its
        health."""
        if not _is_gateway(pod):
            return None
        metadata = pod["metadata"]
        if pod.get("gone") or "deletionTimestamp" in metadata:
            self._end(metadata["uid"])
            return None
        if not pod["spec"].get("nodeName"):
            return None
        started = self._run is not None and self._run.pod_uid == metadata["uid"]
        if not started and (missing := self._unreachable(pod)):
            self._report(pod, _waiting_status(pod, f"cannot connect to {', '.join(missing)}"))
            return _SOON_S
        ready = self._ensure_process(pod) == "silent" or self._is_healthy()
        self._report(pod, _running_status(pod, ready))
        return _LATER_S if ready else _SOON_S

    def close(self) -> None:
        """Answer the process no more; it ends with the cluster."""
        if self._run is not None:
            self._server.remove(self._run.network_path)

    def _unreachable(self, pod: Object) -> list[str]:
        """Addresses that an init container waits for and nothing answers at."""
        namespace = pod["metadata"]["namespace"]
        dialled = dict.fromkeys(
            address for container in pod["spec"].get("initContainers", []) for address in dialled_by(container)
        )
        return [f"{h}:{p}" for h, p in dialled if not self._network.reaches(namespace, h, p)]

    def _mode_of(self, pod: Object) -> str:
        metadata = pod["metadata"]
        mode = str(metadata.get("annotations", {}).get(MODE_ANNOTATION, ""))
        if mode in MODES:
            return mode
        try:
            texts = mounted_configuration(self._cluster.api, metadata["namespace"], metadata["name"])
            mode, _, domain = merge(texts).text("gateway", "http", "externalHost").partition(".")
        except (MountMissing, ConfigUnreadable):
            # The process finds the same, and says so by its health.
            return self._mode()
        return mode if domain == MODE_DOMAIN and mode in MODES else self._mode()

    def _ensure_process(self, pod: Object) -> str:
        """Run the pod's process; gives the mode that it was started in."""
        uid, namespace = pod["metadata"]["uid"], pod["metadata"]["namespace"]
        name = "gateway"
        if self._run is not None and self._run.pod_uid == uid and self._cluster.supervisor.exit_code(name) is None:
            return self._run.mode
        self.close()
        mode = self._mode_of(pod)
        network_path = f"network/{secrets.token_urlsafe(24)}"
        network_url = self._server.add(network_path, lambda _: (200, self._network.describe(namespace)))
        settings = self._cluster.folder / "gateway.json"
        content = {
            "mode": mode,
            "grpc_port": self._cluster.ports.gateway_grpc,
            "http_port": self._cluster.ports.gateway_http,
            "namespace": namespace,
            "pod": pod["metadata"]["name"],
            "api": self._cluster.endpoint,
            "api_authority": str(self._cluster.authority.file),
            "api_certificate": str(self._cluster.administrator.certificate),
            "api_key": str(self._cluster.administrator.key),
            "network": network_url,
            "network_authority": str(self._server.authority_file),
            "workspaces": str(self._cluster.folder / "workspaces"),
        }
        write_private(settings, json.dumps(content).encode())
        self._cluster.supervisor.start(
            name,
            [sys.executable, "-m", "libs.sandbox.gateway", str(settings)],
            {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_REPOSITORY), "GRPC_VERBOSITY": "ERROR"},
        )
        self._run = _Run(uid, mode, network_path)
        return mode

    def _end(self, pod_uid: str) -> None:
        if self._run is not None and self._run.pod_uid == pod_uid:
            self.close()
            self._cluster.supervisor.stop("gateway")
            self._run = None

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._cluster.ports.gateway_http, timeout=2)
        try:
            connection.request("GET", "/api/v1/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _report(self, pod: Object, status: Object) -> None:
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        current = self._cluster.api.get(path)
        if current is None or current["metadata"]["uid"] != metadata["uid"] or _says(current, status):
            return
        self._cluster.api.merge_strategic(f"{path}/status", {"status": status})


def dialled_by(container: Object) -> list[tuple[str, int]]:
    """Addresses that a container's command waits for: `nc HOST PORT` in a script, or HOST PORT among its arguments.

    The command is read and not run: a chart's script has no business on this machine.
    """
    words = [*container.get("command", []), *container.get("args", [])]
    found = [(host, int(port)) for word in words for host, port in _DIALS.findall(word)]
    pairs = [
        (host, int(port)) for host, port in itertools.pairwise(words) if port.isdigit() and _IS_HOST.fullmatch(host)
    ]
    return found + pairs


def _is_gateway(pod: Object) -> bool:
    return any(_IMAGE.search(container["image"]) for container in pod["spec"]["containers"])


def _says(pod: Object, wanted: Object) -> bool:
    """Whether the pod's status already says what matters of `wanted`."""

    def essence(status: Object) -> tuple[object, ...]:
        conditions = {c["type"]: (c["status"], c.get("message")) for c in status.get("conditions", [])}
        return status.get("phase"), conditions.get("Ready"), conditions.get("Initialized")

    return essence(pod.get("status", {})) == essence(wanted)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _condition(kind: str, holds: bool, message: str | None = None) -> Object:
    found = {"type": kind, "status": str(holds), "lastTransitionTime": _now()}
    return found if message is None else {**found, "reason": "ContainersNotReady", "message": message}


def _container(spec: Object, ready: bool, state: Object) -> Object:
    return {
        "name": spec["name"],
        "image": spec["image"],
        "imageID": "",
        "ready": ready,
        "restartCount": 0,
        "state": state,
    }


def _waiting_status(pod: Object, why: str) -> Object:
    running, waiting = {"running": {"startedAt": _now()}}, {"waiting": {"reason": "PodInitializing"}}
    return {
        "phase": "Pending",
        "conditions": [
            _condition("Initialized", False, why),
            _condition("Ready", False, why),
            _condition("ContainersReady", False, why),
        ],
        "initContainerStatuses": [_container(c, False, running) for c in pod["spec"].get("initContainers", [])],
        "containerStatuses": [_container(c, False, waiting) for c in pod["spec"]["containers"]],
    }


def _running_status(pod: Object, ready: bool) -> Object:
    done = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": _now(), "finishedAt": _now()}}
    running = {"running": {"startedAt": _now()}}
    why = None if ready else "the gateway does not answer its health check"
    return {
        "phase": "Running",
        "startTime": _now(),
        "podIP": "127.0.0.1",
        "podIPs": [{"ip": "127.0.0.1"}],
        "hostIP": "127.0.0.1",
        "conditions": [
            _condition("Initialized", True),
            _condition("Ready", ready, why),
            _condition("ContainersReady", ready, why),
        ],
        "initContainerStatuses": [_container(c, True, done) for c in pod["spec"].get("initContainers", [])],
        "containerStatuses": [_container(c, ready, running) | {"started": True} for c in pod["spec"]["containers"]],
    }
