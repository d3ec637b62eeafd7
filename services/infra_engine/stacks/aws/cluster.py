"""The EKS control plane: its log group, its role, the cluster, our way in, and its identity for pods.

All five kinds of its logs are kept, its secrets are encrypted with the environment's key, and access is by access
entries alone. The private endpoint is always on, so that nodes reach it without NAT; the public one by the document.
"""

from dataclasses import dataclass
from typing import Any

from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.logs import build_log_group
from services.infra_engine.stacks.aws.oidc import Oidc, build_oidc
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.aws.policies import assumed_by_service
from services.infra_engine.stacks.bindings import Resource, aws, create

LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

iam_role = aws("iam_role")
attachment = aws("iam_role_policy_attachment")
eks_cluster = aws("eks_cluster")
access_entry = aws("eks_access_entry")
access_policy = aws("eks_access_policy_association")


@dataclass(frozen=True)
class Cluster:
    """A cluster, made or found. `version` is what its nodes are to run."""

    name: str
    version: str
    security_group_id: str
    oidc: Oidc


def build_cluster(stack: Any, inputs: Inputs, network: Network, encryption: Encryption) -> Cluster:
    """Nothing here waits for the database, the cache or the bucket."""
    logs = build_log_group(stack, inputs, encryption, "cluster_logs", inputs.name("cluster_log_group"))
    role = create(
        stack,
        iam_role.IamRole,
        "cluster_role",
        name=inputs.name("cluster_role"),
        assume_role_policy=assumed_by_service("eks.amazonaws.com"),
        permissions_boundary=inputs.boundary(),
    )
    may = create(
        stack,
        attachment.IamRolePolicyAttachment,
        "cluster_role_policy",
        role=role.ref("name"),
        policy_arn=inputs.aws_policy("AmazonEKSClusterPolicy"),
    )
    cluster = create(
        stack,
        eks_cluster.EksCluster,
        "cluster",
        name=inputs.name("cluster"),
        version=inputs.text("cluster_version"),
        role_arn=role.ref("arn"),
        enabled_cluster_log_types=LOGS,
        vpc_config=eks_cluster.EksClusterVpcConfig(
            subnet_ids=network.private_subnet_ids,
            endpoint_private_access=True,
            endpoint_public_access=inputs.flag("cluster_public_endpoint"),
            public_access_cidrs=inputs.texts("cluster_public_cidrs"),
        ),
        access_config=eks_cluster.EksClusterAccessConfig(
            authentication_mode="API",
            # Who may administer is written down below, by name, and not an accident of who made the cluster.
            bootstrap_cluster_creator_admin_permissions=False,
        ),
        encryption_config=eks_cluster.EksClusterEncryptionConfig(
            provider=eks_cluster.EksClusterEncryptionConfigProvider(key_arn=encryption.key_arn),
            resources=["secrets"],
        ),
        # The add-ons are ours from the first minute; self-managed copies would only have to be overwritten.
        bootstrap_self_managed_addons=False,
        upgrade_policy=eks_cluster.EksClusterUpgradePolicy(support_type=inputs.text("cluster_support_type")),
        # Both are read at creation alone, and an imported cluster reads otherwise than it was made: a difference
        # would replace a healthy cluster.
        lifecycle={
            "ignore_changes": [
                "access_config[0].bootstrap_cluster_creator_admin_permissions",
                "bootstrap_self_managed_addons",
            ]
        },
        depends_on=[may, logs],
    )
    _admit_provisioner(stack, inputs, cluster)
    return Cluster(
        name=cluster.ref("name"),
        # The document's own, and not the cluster's: nodes that follow an attribute would wait for a plan after it.
        version=inputs.text("cluster_version"),
        security_group_id=cluster.ref("vpc_config[0].cluster_security_group_id"),
        oidc=build_oidc(stack, inputs, cluster),
    )


def _admit_provisioner(stack: Any, inputs: Inputs, cluster: Resource) -> None:
    """The role that the bootstrapper assumes administers the cluster."""
    entry = create(
        stack,
        access_entry.EksAccessEntry,
        "provisioner",
        cluster_name=cluster.ref("name"),
        principal_arn=inputs.text("role_arn"),
        type="STANDARD",
    )
    create(
        stack,
        access_policy.EksAccessPolicyAssociation,
        "provisioner_admin",
        cluster_name=cluster.ref("name"),
        principal_arn=entry.ref("principal_arn"),
        policy_arn=f"arn:{inputs.text('partition')}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        access_scope=access_policy.EksAccessPolicyAssociationAccessScope(type="cluster"),
    )
