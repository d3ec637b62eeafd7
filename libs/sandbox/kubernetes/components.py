"""Command lines of a control plane's programs (nothing here starts one)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .key_pair import KeyPair

# What is left out has nothing to do on kwok nodes (attach-detach, certificates, IP allocation, autoscaling)
# or only costs memory and start-up time here.
_CONTROLLERS = (
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemonset-controller",
    "deployment-controller",
    "disruption-controller",
    "endpointslice-controller",
    "endpoints-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "persistentvolume-binder-controller",
    "persistentvolume-protection-controller",
    "persistentvolumeclaim-protection-controller",
    "pod-garbage-collector-controller",
    "replicaset-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "statefulset-controller",
    "ttl-after-finished-controller",
)

SERVICE_CIDR = "172.20.0.0/16"
"""EKS' own range of cluster addresses for a VPC in 10.0.0.0/8."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of one control plane."""

    etcd: int
    etcd_peer: int
    api: int
    kubelet: int
    gateway_grpc: int
    gateway_http: int


@dataclass(frozen=True, slots=True)
class Files:
    """Files that the programs read."""

    data: Path
    authority: Path
    serving: KeyPair
    kubelet: KeyPair
    service_account_key: Path
    webhook_config: Path
    controller_kubeconfig: Path
    scheduler_kubeconfig: Path
    kwok_kubeconfig: Path
    kwok_config: Path


def etcd(tool: Path, ports: Ports, files: Files) -> list[str]:
    """One member, on loopback; no fsync, since its data do not outlive the sandbox."""
    client, peer = f"http://127.0.0.1:{ports.etcd}", f"http://127.0.0.1:{ports.etcd_peer}"
    return [
        str(tool),
        "--name=sandbox",
        f"--data-dir={files.data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=sandbox={peer}",
        "--socket-reuse-port=true",
        "--unsafe-no-fsync=true",
        "--log-level=error",
        "--snapshot-count=5000",
        # A lone member need not wait a second for others before it elects itself.
        "--heartbeat-interval=50",
        "--election-timeout=250",
        "--pre-vote=false",
    ]


def kube_apiserver(tool: Path, ports: Ports, files: Files) -> list[str]:
    """The API on loopback, RBAC, client certificates for our own programs and the token webhook for
    everyone else."""
    return [
        str(tool),
        f"--etcd-servers=http://127.0.0.1:{ports.etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.api}",
        "--permit-port-sharing=true",
        # Loopback is refused here, and nothing connects to this address: no pod runs and no endpoints are
        # kept.
        "--advertise-address=172.20.0.1",
        "--endpoint-reconciler-type=none",
        f"--service-cluster-ip-range={SERVICE_CIDR}",
        f"--tls-cert-file={files.serving.certificate}",
        f"--tls-private-key-file={files.serving.key}",
        f"--client-ca-file={files.authority}",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
        f"--authentication-token-webhook-config-file={files.webhook_config}",
        "--authentication-token-webhook-version=v1",
        "--authentication-token-webhook-cache-ttl=10s",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={files.service_account_key}",
        f"--service-account-signing-key-file={files.service_account_key}",
        "--enable-priority-and-fairness=false",
        "--enable-bootstrap-token-auth=false",
        # It taints a node until the node life-cycle controller, which is left out, finds it ready.
        "--disable-admission-plugins=TaintNodesByCondition",
        "--event-ttl=30m",
        "--profiling=false",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def kube_controller_manager(tool: Path, files: Files) -> list[str]:
    """Only the controllers that matter on nodes without containers."""
    return [
        str(tool),
        f"--kubeconfig={files.controller_kubeconfig}",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--leader-elect=false",
        "--secure-port=0",
        f"--root-ca-file={files.authority}",
        f"--service-account-private-key-file={files.service_account_key}",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
        "--profiling=false",
    ]


def kube_scheduler(tool: Path, files: Files) -> list[str]:
    """The stock scheduler, alone and without a port."""
    return [
        str(tool),
        f"--kubeconfig={files.scheduler_kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
        "--profiling=false",
    ]


def kwok(tool: Path, ports: Ports, files: Files) -> list[str]:
    """kwok as the kubelet of every node; its port is the one that the API server forwards ports through."""
    return [
        str(tool),
        f"--kubeconfig={files.kwok_kubeconfig}",
        f"--config={files.kwok_config}",
        "--manage-all-nodes=true",
        "--node-ip=127.0.0.1",
        f"--node-port={ports.kubelet}",
        f"--server-address=127.0.0.1:{ports.kubelet}",
        f"--tls-cert-file={files.kubelet.certificate}",
        f"--tls-private-key-file={files.kubelet.key}",
        "--node-lease-duration-seconds=40",
        "--v=4",
    ]


def environment(memory_limit: str) -> dict[str, str]:
    """Environment of a Go program whose heap is to stay small; `memory_limit` is a soft one, such as `300MiB`.

    Collecting at half the usual growth saves the API server 37 of 257 MB for 0.2 s of its start.
    """
    return {"GOMEMLIMIT": memory_limit, "GOGC": "50", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
