"""The two ports between the AWS side and the Kubernetes side of the sandbox (standard library only).

`ControlPlanes` is what EKS asks of Kubernetes: start and stop a control plane, keep nodes for a node group.
`IdentityLookup` is what Kubernetes asks of AWS when a token arrives: who signed it, and what may they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Where a started control plane answers."""

    endpoint: str
    """Address of the Kubernetes API, such as `https://127.0.0.1:40123`."""
    certificate_authority_data: str
    """PEM bundle that signs the endpoint's certificate, base64 on one line as DescribeCluster gives it."""


@dataclass(frozen=True, slots=True)
class Taint:
    """A taint of a node group, with the effect in Kubernetes' spelling (`NoSchedule`, not `NO_SCHEDULE`)."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """The nodes that a managed node group wants."""

    name: str
    labels: dict[str, str]
    """The user's labels and those EKS adds (`eks.amazonaws.com/nodegroup` and the like)."""
    taints: tuple[Taint, ...]
    instance_types: tuple[str, ...]
    desired_size: int
    release_version: str
    """AMI release, such as `1.35.4-20261101`."""
    zones: tuple[str, ...]
    """Availability zone names to spread the nodes over, never empty."""
    template: str = ""
    """The launch template's id and version, such as `lt-0a/3`; like the release, another one means other machines."""
    has_gpu_driver: bool = True
    """Whether the AMI brings the NVIDIA driver; without it the machines' GPUs cannot be asked for."""


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """What STS GetCallerIdentity says of the one who signed a request."""

    account_id: str
    arn: str
    """`arn:aws:sts::<account>:assumed-role/<role>/<session>` for a role's session."""
    user_id: str


@dataclass(frozen=True, slots=True)
class KubernetesIdentity:
    """The Kubernetes user that an IAM principal is in one cluster."""

    username: str
    groups: tuple[str, ...]


class ControlPlanes(Protocol):
    """Starts and stops Kubernetes control planes. Every method may block and is called from any thread."""

    def start(
        self, cluster_arn: str, name: str, version: str, region: str, account_id: str, vpc_id: str
    ) -> ControlPlane:
        """Return when the API answers `/readyz`. `version` is EKS' own, such as `1.35`.

        Raises any exception when it cannot; the cluster becomes FAILED with the exception's text.
        """
        ...

    def stop(self, cluster_arn: str) -> None:
        """End the control plane with its processes and files. Nothing happens when there is none."""
        ...

    def put_nodes(self, cluster_arn: str, node_group: NodeGroup) -> None:
        """Make the group's nodes what `node_group` says, and return when they are Ready. Can be repeated."""
        ...

    def remove_nodes(self, cluster_arn: str, node_group_name: str) -> None:
        """Remove every node of the group. Nothing happens when there is none."""
        ...

    def stop_all(self) -> None:
        """End every control plane, as the sandbox's last act."""
        ...


class IdentityLookup(Protocol):
    """Answers the token webhook. Methods are quick, do not block on the network, and may run in any thread."""

    def identify(self, token_url: str, cluster_name: str) -> CallerIdentity | None:
        """Who presigned `token_url`, the STS GetCallerIdentity URL inside a `k8s-aws-v1.` token.

        `cluster_name` is the cluster that received the token: the URL must have been signed with this
        `x-k8s-aws-id` header. None when the signature, the key, the expiry or the cluster does not hold.
        """
        ...

    def kubernetes_identity(self, cluster_arn: str, principal_arn: str) -> KubernetesIdentity | None:
        """User and groups of a caller in a cluster, by its access entries.

        `principal_arn` is a `CallerIdentity.arn`; a role's session is found by its role. None when the
        cluster has no entry for it.
        """
        ...
