"""One control plane: its files, its programs and how to reach it."""

from __future__ import annotations

import base64
import json
import logging
import shutil
import time
from pathlib import Path

from ..aws.eks.control_planes import ControlPlane
from . import components
from .api import KubernetesApi
from .aws_access import ClusterScope
from .certificates import CertificateAuthority, write_service_account_key
from .key_pair import KeyPair
from .kubeconfig import write_kubeconfig
from .ports import KeptPorts
from .stages import gateway_forwards, stages
from .supervision import Supervisor

_LOG = logging.getLogger(__name__)
_READY_WITHIN_S = 60.0
_ADMINISTRATORS = "system:masters"


class ControlPlaneFailed(RuntimeError):
    """A control plane did not come up; the text holds the end of the log of the program at fault."""


class Cluster:
    """The programs of one cluster, under a supervisor of their own. Not thread-safe but for `close`."""

    def __init__(self, scope: ClusterScope, folder: Path, tools: dict[str, Path]) -> None:
        self.scope = scope
        self._tools = tools
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        self._kept = KeptPorts(("etcd", "etcd_peer", "api", "kubelet", "gateway_grpc", "gateway_http"))
        self.ports = components.Ports(**self._kept.numbers)
        self.endpoint = f"https://127.0.0.1:{self.ports.api}"
        self.authority = CertificateAuthority(folder / "pki", f"{scope.name}-ca")
        self.administrator = self._issue("administrator", "sandbox:administrator", _ADMINISTRATORS)
        self.api = KubernetesApi(self.endpoint, self.authority.file, self.administrator)
        self.supervisor = Supervisor(folder / "log")

    @property
    def folder(self) -> Path:
        """Where the cluster keeps its files while it lives."""
        return self._folder

    def start(self, webhook_url: str, webhook_authority: bytes) -> ControlPlane:
        """Start every program and return when the API is ready. Raises `ControlPlaneFailed`."""
        files = self._write_files(webhook_url, webhook_authority)
        began = time.monotonic()
        self._kept.release("kubelet")
        tools, ports = self._tools, self.ports
        environment = components.environment
        start = self.supervisor.start
        start("etcd", components.etcd(tools["etcd"], ports, files), environment("64MiB"))
        start(
            "kube-apiserver",
            components.kube_apiserver(tools["kube-apiserver"], ports, files),
            environment("350MiB"),
        )
        self._wait_until_ready()
        start(
            "kube-controller-manager",
            components.kube_controller_manager(tools["kube-controller-manager"], files),
            environment("128MiB"),
        )
        start("kube-scheduler", components.kube_scheduler(tools["kube-scheduler"], files), environment("96MiB"))
        start("kwok", components.kwok(tools["kwok"], ports, files), environment("96MiB"))
        seconds = round(time.monotonic() - began, 2)
        _LOG.info("control plane ready", extra={"cluster": self.scope.name, "seconds": seconds})
        return ControlPlane(self.endpoint, base64.b64encode(self.authority.pem).decode())

    def administrator_kubeconfig(self) -> Path:
        """A kubeconfig of a member of `system:masters`."""
        path = self._folder / "administrator.kubeconfig"
        return write_kubeconfig(path, self.endpoint, self.authority.pem, self.administrator)

    def close(self) -> None:
        """Kill every program and remove the files. May be repeated."""
        self.supervisor.close()
        self._kept.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not self.api.ready():
            for name in ("etcd", "kube-apiserver"):
                if (code := self.supervisor.exit_code(name)) is not None:
                    raise ControlPlaneFailed(
                        f"{name} ended with code {code} at the start of cluster {self.scope.name}: "
                        f"{self.supervisor.last_lines(name)}"
                    )
            if time.monotonic() > deadline:
                raise ControlPlaneFailed(
                    f"the API of cluster {self.scope.name} was not ready after {_READY_WITHIN_S:.0f} s; "
                    f"see {self.supervisor.log_file('kube-apiserver')}"
                )
            time.sleep(0.05)

    def _issue(self, name: str, user: str, *groups: str) -> KeyPair:
        return self.authority.issue(name, user, groups)

    def _client(self, name: str, user: str, *groups: str) -> Path:
        return write_kubeconfig(
            self._folder / f"{name}.kubeconfig",
            self.endpoint,
            self.authority.pem,
            self._issue(name, user, *groups),
        )

    def _write_files(self, webhook_url: str, webhook_authority: bytes) -> components.Files:
        kwok_config = self._folder / "kwok.yaml"
        documents = [*stages(), gateway_forwards(self.ports.gateway_grpc, self.ports.gateway_http)]
        kwok_config.write_text("\n---\n".join(json.dumps(document) for document in documents))
        return components.Files(
            data=self._folder / "etcd",
            authority=self.authority.file,
            serving=self._issue("kube-apiserver", "kube-apiserver"),
            kubelet=self._issue("kubelet", "kubelet"),
            service_account_key=write_service_account_key(self._folder / "pki" / "service-account.key"),
            webhook_config=write_kubeconfig(self._folder / "webhook.kubeconfig", webhook_url, webhook_authority, None),
            # The controller manager acts for every service account, which its own role alone does not allow
            # here.
            controller_kubeconfig=self._client("controller-manager", "system:kube-controller-manager", _ADMINISTRATORS),
            scheduler_kubeconfig=self._client("scheduler", "system:kube-scheduler", _ADMINISTRATORS),
            kwok_kubeconfig=self._client("kwok", "system:kwok", _ADMINISTRATORS),
            kwok_config=kwok_config,
        )
