"""`ControlPlanes` on this machine: a real Kubernetes for every EKS cluster of the sandbox."""

from __future__ import annotations

import fnmatch
import hashlib
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..aws.eks.control_planes import ControlPlane, IdentityLookup, NodeGroup
from .api import KubernetesApi, Object
from .aws_access import AwsAccess, ClusterScope
from .cluster import Cluster
from .draining import drain
from .gateways import MODES, PODS, Gateways
from .load_balancers import SERVICES, LoadBalancers
from .local_server import LocalServer
from .network import Network
from .nodes import NODE_GROUP_LABEL, changes, look_up_instance_type, nodes_of
from .token_webhook import TokenReviewer
from .tools import require_tools
from .volumes import CLAIMS, VOLUMES, Volumes
from .watching import ControllerLoop, Watched

_LOG = logging.getLogger(__name__)
_NODES_READY_WITHIN_S = 60.0
_NODES = "/api/v1/nodes"


@dataclass(slots=True)
class _Running:
    cluster: Cluster
    loop: ControllerLoop
    gateways: Gateways
    webhook_path: str


class KubernetesControlPlanes:
    """Implements `libs.sandbox.aws.eks.control_planes.ControlPlanes`. Thread-safe; different clusters do
    not wait for each other.

    `folder` is the sandbox's own and is used up: a cluster's files are removed with it. A token may have been
    signed for a real STS endpoint or for a host of `aws`.
    """

    def __init__(
        self,
        folder: Path,
        aws: AwsAccess,
        identity: IdentityLookup,
    ) -> None:
        self._tools = require_tools()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._aws = aws
        self._reviewer = TokenReviewer(identity, aws)
        self._gateway_modes: dict[str, str] = {}
        self._server = LocalServer(folder / "local-server")
        self._lock = threading.Lock()
        self._clusters: dict[str, _Running] = {}

    def start(
        self, cluster_arn: str, name: str, version: str, region: str, account_id: str, vpc_id: str
    ) -> ControlPlane:
        """See `ControlPlanes.start`. Every version is served by the one that is installed. Starts no second
        control plane for a cluster that has one: that raises ValueError."""
        scope = ClusterScope(cluster_arn, name, region, account_id, vpc_id)
        key = hashlib.sha256(cluster_arn.encode()).hexdigest()[:16]
        with self._lock:
            if cluster_arn in self._clusters:
                raise ValueError(f"cluster {name} already has a control plane: delete it first")
            cluster = Cluster(scope, self._folder / key, self._tools)
            running = self._assemble(cluster, f"token-review/{key}")
            self._clusters[cluster_arn] = running
        try:
            url = self._server.add(running.webhook_path, lambda body: self._reviewer.answer(scope, body))
            control_plane = cluster.start(url, self._server.authority_file.read_bytes())
            running.loop.start()
        except BaseException:
            self.stop(cluster_arn)
            raise
        return control_plane

    def stop(self, cluster_arn: str) -> None:
        """See `ControlPlanes.stop`."""
        with self._lock:
            running = self._clusters.pop(cluster_arn, None)
        if running is None:
            return
        self._server.remove(running.webhook_path)
        running.loop.stop()
        running.gateways.close()
        running.cluster.close()

    def put_nodes(self, cluster_arn: str, node_group: NodeGroup) -> None:
        """See `ControlPlanes.put_nodes`. Raises TimeoutError when they are not Ready within a minute.

        Nodes of another release or launch template are replaced as EKS does it: the new ones first, and when they
        are Ready the old ones are drained and go.
        """
        running = self._running(cluster_arn)
        scope, api = running.cluster.scope, running.cluster.api
        types = {name: look_up_instance_type(self._aws, scope, name) for name in node_group.instance_types}
        wanted = {n["metadata"]["name"]: n for n in nodes_of(scope, node_group, types)}
        present = {n["metadata"]["name"]: n for n in _nodes(api, node_group.name)}
        for name, node in wanted.items():
            if name not in present:
                api.create(_NODES, node)
            elif patch := changes(present[name], node):
                api.merge(f"{_NODES}/{name}", patch)
        self._wait_for_nodes(api, node_group.name, set(wanted))
        drain(api, present.keys() - wanted.keys())

    def remove_nodes(self, cluster_arn: str, node_group_name: str) -> None:
        """See `ControlPlanes.remove_nodes`. Nothing happens when the cluster is gone already."""
        with self._lock:
            running = self._clusters.get(cluster_arn)
        if running is None:
            return
        api = running.cluster.api
        going = {node["metadata"]["name"] for node in _nodes(api, node_group_name)}
        if any(node["metadata"]["name"] not in going for node in api.items(_NODES)):
            drain(api, going)
            return
        # Nobody is left to take the pods, which EKS would try to move for a quarter of an hour.
        for name in going:
            api.delete(f"{_NODES}/{name}")

    def stop_all(self) -> None:
        """See `ControlPlanes.stop_all`. No control plane can be started after it."""
        with self._lock:
            arns = list(self._clusters)
        if arns:
            with ThreadPoolExecutor(max_workers=len(arns)) as pool:
                list(pool.map(self.stop, arns))
        self._server.close()

    def set_gateway_mode(self, cluster_glob: str, mode: str) -> None:
        """Let gateways in clusters whose name matches the glob behave so from their next pod on.

        `mode` is one of `gateways.MODES`; ValueError for any other. The last that matches counts.
        """
        if mode not in MODES:
            raise ValueError(f"a gateway cannot be {mode}: take one of {', '.join(MODES)}")
        with self._lock:
            self._gateway_modes.pop(cluster_glob, None)
            self._gateway_modes[cluster_glob] = mode

    def administrator_kubeconfig(self, cluster_arn: str) -> Path:
        """A kubeconfig that may do everything, for tests and for a look inside by hand."""
        return self._running(cluster_arn).cluster.administrator_kubeconfig()

    def _assemble(self, cluster: Cluster, webhook_path: str) -> _Running:
        scope, api = cluster.scope, cluster.api
        balancers, volumes = LoadBalancers(api, self._aws, scope), Volumes(api, self._aws, scope)
        network = Network(api, self._aws, scope)
        gateways = Gateways(cluster, network, self._server, lambda: self._gateway_mode(scope.name))
        loop = ControllerLoop(
            scope.name,
            api,
            [
                Watched(SERVICES, balancers.reconcile),
                Watched(CLAIMS, volumes.reconcile_claim),
                Watched(VOLUMES, volumes.reconcile_volume),
                Watched(PODS, gateways.reconcile),
            ],
        )
        return _Running(cluster, loop, gateways, webhook_path)

    def _gateway_mode(self, cluster_name: str) -> str:
        with self._lock:
            matching = [m for glob, m in self._gateway_modes.items() if fnmatch.fnmatch(cluster_name, glob)]
        return matching[-1] if matching else MODES[0]

    def _running(self, cluster_arn: str) -> _Running:
        with self._lock:
            running = self._clusters.get(cluster_arn)
        if running is None:
            raise LookupError(f"{cluster_arn} has no control plane in this sandbox")
        return running

    def _wait_for_nodes(self, api: KubernetesApi, group: str, names: set[str]) -> None:
        deadline = time.monotonic() + _NODES_READY_WITHIN_S
        while True:
            ready = {n["metadata"]["name"] for n in _nodes(api, group) if _is_ready(n)}
            if names <= ready:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(names - ready)} nodes of group {group} did not become Ready within 60 s")
            time.sleep(0.05)


def _nodes(api: KubernetesApi, group: str) -> list[Object]:
    return api.items(f"{_NODES}?labelSelector={NODE_GROUP_LABEL}%3D{group}")


def _is_ready(node: Object) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
