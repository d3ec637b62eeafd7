"""What the engine knows of the Beta9 stack without loading cdktf."""

from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS, CLUSTER_OUTPUTS
from services.infra_engine.stacks.aws.variables import stack_variables
from services.infra_engine.stacks.definition import Milestone, Shape, StackDefinition
from services.infra_engine.stacks.stack_input import StackInput

# Nodes that run, a way in for the bootstrapper, and what pods need to be reached.
_CLUSTER = frozenset(
    {
        "aws_eks_cluster.cluster",
        "aws_eks_access_entry.provisioner",
        "aws_eks_access_policy_association.provisioner_admin",
        "aws_iam_openid_connect_provider.oidc",
        "aws_eks_addon.vpc_cni",
        "aws_eks_addon.kube_proxy",
        "aws_eks_node_group.system_nodes",
    }
)
# What Beta9 itself needs beside the cluster. Volumes (EBS CSI) and cluster DNS are among it: they come a minute after
# the nodes, long before a database, and without them the gateway's pods would wait in vain.
_BACKENDS = frozenset(
    {
        "aws_db_instance.database",
        "aws_secretsmanager_secret_version.database_secret_value",
        "aws_vpc_security_group_ingress_rule.database_from_cluster",
        "aws_elasticache_replication_group.cache",
        "aws_vpc_security_group_ingress_rule.cache_from_cluster",
        "aws_s3_bucket.bucket",
        "aws_s3_bucket_public_access_block.bucket_private",
        "aws_iam_role_policy.gateway_bucket",
        "aws_iam_user_policy.workspace_storage_buckets",
        "aws_eks_addon.aws_ebs_csi_driver",
        "aws_eks_addon.coredns",
    }
)

_RESOURCE_TYPES = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_db_instance",
        "aws_db_parameter_group",
        "aws_db_subnet_group",
        "aws_eip",
        "aws_eks_access_entry",
        "aws_eks_access_policy_association",
        "aws_eks_addon",
        "aws_eks_cluster",
        "aws_eks_node_group",
        "aws_elasticache_parameter_group",
        "aws_elasticache_replication_group",
        "aws_elasticache_subnet_group",
        "aws_iam_openid_connect_provider",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_user",
        "aws_iam_user_policy",
        "aws_internet_gateway",
        "aws_launch_template",
        "aws_nat_gateway",
        "aws_route",
        "aws_route_table",
        "aws_route_table_association",
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_version",
        "aws_security_group",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_security_group_ingress_rule",
    }
)


def _shape(stack_input: StackInput) -> Shape:
    """Sizes are variables; nothing of today's document changes which resources there are."""
    return {}


BETA9 = StackDefinition(
    name="beta9",
    build="services.infra_engine.stacks.aws.build:build",
    shape=_shape,
    variables=stack_variables,
    resource_types=_RESOURCE_TYPES,
    data_types=frozenset({"aws_availability_zones"}),
    milestones=(
        Milestone("cluster_available", _CLUSTER, frozenset(CLUSTER_OUTPUTS)),
        Milestone("backends_available", _BACKENDS, frozenset(BACKEND_OUTPUTS)),
    ),
    secrets=frozenset({"postgres_password"}),
)
