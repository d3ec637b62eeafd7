"""The EKS control plane, its log group, its role, our way in and its OIDC provider."""

from dataclasses import dataclass
from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.network import Network
from services.infra_engine.stacks.aws.policies import assumed_by_service
from services.infra_engine.stacks.bindings import Resource, aws, create

CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
_CLUSTER_POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"

log_group = aws("cloudwatch_log_group")
iam_role = aws("iam_role")
attachment = aws("iam_role_policy_attachment")
eks_cluster = aws("eks_cluster")
access_entry = aws("eks_access_entry")
access_policy = aws("eks_access_policy_association")
oidc_provider = aws("iam_openid_connect_provider")


@dataclass(frozen=True)
class Cluster:
    """`issuer` is the OIDC issuer without its scheme."""

    cluster: Resource
    name: str
    security_group_id: str
    oidc: Resource
    issuer: str


def build_cluster(stack: Any, inputs: Inputs, network: Network) -> Cluster:
    """Nothing here waits for the database, the cache or the bucket."""
    # EKS would make it by itself, without retention, and leave it behind.
    logs = create(
        stack,
        log_group.CloudwatchLogGroup,
        "cluster_logs",
        name=inputs.name("cluster_log_group"),
        retention_in_days=inputs.number("cluster_log_retention_days"),
    )
    role = create(
        stack,
        iam_role.IamRole,
        "cluster_role",
        name=inputs.name("cluster_role"),
        assume_role_policy=assumed_by_service("eks.amazonaws.com"),
    )
    may = create(
        stack,
        attachment.IamRolePolicyAttachment,
        "cluster_role_policy",
        role=role.ref("name"),
        policy_arn=_CLUSTER_POLICY,
    )
    cluster = create(
        stack,
        eks_cluster.EksCluster,
        "cluster",
        name=inputs.name("cluster"),
        version=inputs.text("cluster_version"),
        role_arn=role.ref("arn"),
        enabled_cluster_log_types=["api", "audit", "authenticator"],
        vpc_config=eks_cluster.EksClusterVpcConfig(
            subnet_ids=network.private_subnet_ids,
            endpoint_private_access=True,
            endpoint_public_access=True,
            public_access_cidrs=inputs.texts("cluster_public_cidrs"),
        ),
        access_config=eks_cluster.EksClusterAccessConfig(
            authentication_mode="API",
            # Who may administer is written down below, by name, and not an accident of who made the cluster.
            bootstrap_cluster_creator_admin_permissions=False,
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
    issuer = cluster.ref("identity[0].oidc[0].issuer")
    # A local, because a call with quotes cannot stand inside a policy document.
    stack.add_override(
        "locals", {"cluster_issuer": issuer.replace("${", "${trimprefix(").replace("}", ', "https://")}')}
    )
    oidc = create(
        stack,
        oidc_provider.IamOpenidConnectProvider,
        "oidc",
        url=issuer,
        client_id_list=["sts.amazonaws.com"],
    )
    return Cluster(
        cluster=cluster,
        name=cluster.ref("name"),
        security_group_id=cluster.ref("vpc_config[0].cluster_security_group_id"),
        oidc=oidc,
        issuer="${local.cluster_issuer}",
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
        policy_arn=CLUSTER_ADMIN,
        access_scope=access_policy.EksAccessPolicyAssociationAccessScope(type="cluster"),
    )
