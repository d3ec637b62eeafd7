"""EKS add-ons and their roles: those that nodes need to become ready before them, the others after.

Each follows the cluster's version: AWS's default for it is asked by the version that the document has, so that one plan
shows an upgrade whole, and goes control plane, add-ons, nodes. vpc-cni and the EBS driver have roles of their own, so
that the nodes' role needs neither.
"""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.encryption import Encryption, key_use
from services.infra_engine.stacks.aws.identity import build_pod_role
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.policies import document
from services.infra_engine.stacks.bindings import Resource, aws, create

# What EC2 asks for when a volume of the driver's is encrypted with a key that is not AWS's own.
_VOLUME_KEY = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]

eks_addon = aws("eks_addon")
addon_version = aws("data_aws_eks_addon_version")
attachment = aws("iam_role_policy_attachment")
role_policy = aws("iam_role_policy")


def build_network_addons(stack: Any, inputs: Inputs, cluster: Cluster) -> tuple[Resource, ...]:
    """A node is not ready without them, so they come first."""
    role, may = _role(stack, inputs, cluster, "vpc_cni", "kube-system:aws-node", "AmazonEKS_CNI_Policy")
    return (
        _addon(stack, inputs, cluster, "vpc-cni", [may], service_account_role_arn=role.ref("arn")),
        _addon(stack, inputs, cluster, "kube-proxy", []),
    )


def build_node_addons(stack: Any, inputs: Inputs, cluster: Cluster, encryption: Encryption, nodes: Resource) -> None:
    """These are active only once their pods run somewhere: on the system nodes."""
    policy = "service-role/AmazonEBSCSIDriverPolicy"
    role, may = _role(stack, inputs, cluster, "ebs_csi", "kube-system:ebs-csi-controller-sa", policy)
    key = create(
        stack,
        role_policy.IamRolePolicy,
        "ebs_csi_key",
        name="key",
        role=role.ref("name"),
        policy=document(
            key_use(encryption, _VOLUME_KEY),
            key_use(encryption, ["kms:CreateGrant"], Bool={"kms:GrantIsForAWSResource": "true"}),
        ),
    )
    _addon(stack, inputs, cluster, "coredns", [nodes], configuration_values=inputs.text("coredns_settings"))
    _addon(
        stack,
        inputs,
        cluster,
        "aws-ebs-csi-driver",
        [nodes, may, key],
        service_account_role_arn=role.ref("arn"),
        configuration_values=inputs.text("ebs_csi_settings"),
    )


def _role(
    stack: Any, inputs: Inputs, cluster: Cluster, addon: str, account: str, policy: str
) -> tuple[Resource, Resource]:
    """A role for an add-on's service account with one AWS-managed policy: the role and the attachment."""
    role = build_pod_role(stack, inputs, cluster, f"{addon}_role", account)
    may = create(
        stack,
        attachment.IamRolePolicyAttachment,
        f"{addon}_role_policy",
        role=role.ref("name"),
        policy_arn=inputs.aws_policy(policy),
    )
    return role, may


def _addon(stack: Any, inputs: Inputs, cluster: Cluster, name: str, after: list[Resource], **settings: str) -> Resource:
    label = name.replace("-", "_")
    version = create(
        stack,
        addon_version.DataAwsEksAddonVersion,
        f"{label}_version",
        addon_name=name,
        # A reference to the cluster's attribute would be known only after an upgrade.
        kubernetes_version=inputs.text("cluster_version"),
    )
    return create(
        stack,
        eks_addon.EksAddon,
        label,
        cluster_name=cluster.name,
        addon_name=name,
        addon_version=version.ref("version"),
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        depends_on=after,
        **settings,
    )
