"""EKS add-ons: those that nodes need to become ready before them, the others after."""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.identity import build_addon_role
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.bindings import Resource, aws, create

_CNI_POLICY = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
_EBS_CSI_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"

eks_addon = aws("eks_addon")


def build_network_addons(stack: Any, inputs: Inputs, cluster: Cluster) -> tuple[Resource, ...]:
    """A node is not ready without them, so they come first."""
    role, may = build_addon_role(stack, inputs, cluster, "vpc_cni", "kube-system:aws-node", _CNI_POLICY)
    return (
        _addon(stack, cluster, "vpc-cni", [may], service_account_role_arn=role.ref("arn")),
        _addon(stack, cluster, "kube-proxy", []),
    )


def build_node_addons(stack: Any, inputs: Inputs, cluster: Cluster, nodes: Resource) -> None:
    """These are active only once their pods run somewhere."""
    role, may = build_addon_role(
        stack, inputs, cluster, "ebs_csi", "kube-system:ebs-csi-controller-sa", _EBS_CSI_POLICY
    )
    _addon(stack, cluster, "coredns", [nodes])
    _addon(stack, cluster, "aws-ebs-csi-driver", [nodes, may], service_account_role_arn=role.ref("arn"))


def _addon(stack: Any, cluster: Cluster, name: str, after: list[Resource], **settings: str) -> Resource:
    return create(
        stack,
        eks_addon.EksAddon,
        name.replace("-", "_"),
        cluster_name=cluster.name,
        addon_name=name,
        # No version: AWS's default for the cluster's own version, chosen once.
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        depends_on=after,
        **settings,
    )
