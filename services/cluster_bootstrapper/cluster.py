"""Where a cluster's Kubernetes API is, and the kubeconfig that says so. Standard library only."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlsplit

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.ports import Json


@dataclass(frozen=True)
class Cluster:
    """An EKS cluster as its outputs name it. `ca_pem` is its certificate authority, which is public."""

    name: str
    region: str
    endpoint: str
    ca_pem: str

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.endpoint).port or 443

    @property
    def base_path(self) -> str:
        return urlsplit(self.endpoint).path.rstrip("/")


def cluster(name: str, region: str, endpoint: str, ca_data: str) -> Cluster:
    """A Cluster from what EKS gives: `ca_data` is the base64 of the PEM. Raises Failure
    `CLUSTER_UNUSABLE`.
    """
    try:
        pem = base64.b64decode(ca_data, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        pem = ""
    parts = urlsplit(endpoint)
    if "BEGIN CERTIFICATE" not in pem or parts.scheme != "https" or not parts.hostname or not name:
        raise Failure(
            reason="CLUSTER_UNUSABLE",
            message=f"The outputs of cluster {name!r} lack a usable endpoint or certificate authority.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.PLATFORM,
            remedy="Apply the environment's infrastructure again, so that its outputs are written anew.",
            resource_address=f"eks/{name}",
        )
    return Cluster(name=name, region=region, endpoint=endpoint.rstrip("/"), ca_pem=pem)


def kubeconfig(cluster: Cluster, token: str) -> Json:
    """A kubeconfig document for `token`. It holds the token: it is for memory or a private pipe, not for
    a disk.
    """
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "clusters": [
            {
                "name": cluster.name,
                "cluster": {
                    "server": cluster.endpoint,
                    "certificate-authority-data": base64.b64encode(cluster.ca_pem.encode()).decode(),
                },
            }
        ],
        "users": [{"name": cluster.name, "user": {"token": token}}],
        "contexts": [
            {
                "name": cluster.name,
                "context": {"cluster": cluster.name, "user": cluster.name},
            }
        ],
        "current-context": cluster.name,
    }
