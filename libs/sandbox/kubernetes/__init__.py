"""Kubernetes for the sandbox's EKS: a real control plane for every cluster, on loopback, with nodes that kwok keeps.

`KubernetesControlPlanes` is all that the AWS side needs, with an `AwsAccess` by which the controllers make load
balancers and volumes in the cluster's own account.
"""

from .aws_access import AwsAccess, ClusterScope, Credentials
from .control_planes import KubernetesControlPlanes
from .tools import ToolMissing

__all__ = ["AwsAccess", "ClusterScope", "Credentials", "KubernetesControlPlanes", "ToolMissing"]
