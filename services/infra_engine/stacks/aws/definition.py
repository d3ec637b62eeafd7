"""What the engine knows of the Beta9 stack without loading cdktf."""

from services.infra_engine.stacks.aws.milestones import milestones
from services.infra_engine.stacks.aws.shape import to_shape
from services.infra_engine.stacks.aws.variables import stack_variables
from services.infra_engine.stacks.definition import StackDefinition

_RESOURCE_TYPES = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_db_instance",
        "aws_db_parameter_group",
        "aws_db_subnet_group",
        "aws_default_security_group",
        "aws_eip",
        "aws_eks_access_entry",
        "aws_eks_access_policy_association",
        "aws_eks_addon",
        "aws_eks_cluster",
        "aws_eks_node_group",
        "aws_elasticache_parameter_group",
        "aws_elasticache_replication_group",
        "aws_elasticache_subnet_group",
        "aws_flow_log",
        "aws_iam_openid_connect_provider",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_user",
        "aws_iam_user_policy",
        "aws_internet_gateway",
        "aws_kms_alias",
        "aws_kms_key",
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
        "aws_vpc_endpoint",
        "aws_vpc_security_group_ingress_rule",
    }
)
_DATA_TYPES = frozenset(
    {
        "aws_availability_zones",
        "aws_eks_addon_version",
        "aws_eks_cluster",
        "aws_iam_openid_connect_provider",
        "aws_subnet",
        "aws_subnets",
    }
)

BETA9 = StackDefinition(
    name="beta9",
    build="services.infra_engine.stacks.aws.build:build",
    shape=to_shape,
    variables=stack_variables,
    resource_types=_RESOURCE_TYPES,
    data_types=_DATA_TYPES,
    milestones=milestones,
    secrets=frozenset({"postgres_password"}),
)
