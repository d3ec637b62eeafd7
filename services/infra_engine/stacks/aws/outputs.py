"""What an environment tells the world: plain references, which can be read from a state in the making too."""

from collections.abc import Mapping
from typing import Any

CLUSTER_OUTPUTS: Mapping[str, str] = {
    "vpc_id": "aws_vpc.vpc.id",
    "region": "var.region",
    "cluster_name": "aws_eks_cluster.cluster.name",
    "cluster_arn": "aws_eks_cluster.cluster.arn",
    "cluster_version": "aws_eks_cluster.cluster.version",
    "cluster_endpoint": "aws_eks_cluster.cluster.endpoint",
    "cluster_certificate_authority_data": "aws_eks_cluster.cluster.certificate_authority[0].data",
    "cluster_security_group_id": "aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id",
    "oidc_issuer": "aws_eks_cluster.cluster.identity[0].oidc[0].issuer",
    "oidc_provider_arn": "aws_iam_openid_connect_provider.oidc.arn",
    "node_role_arn": "aws_iam_role.node_role.arn",
    "node_group_name": "aws_eks_node_group.system_nodes.node_group_name",
    "node_desired_size": "var.node_desired_size",
}
BACKEND_OUTPUTS: Mapping[str, str] = {
    "rds_endpoint": "aws_db_instance.database.endpoint",
    "rds_address": "aws_db_instance.database.address",
    "rds_port": "aws_db_instance.database.port",
    "rds_database": "aws_db_instance.database.db_name",
    "rds_username": "aws_db_instance.database.username",
    "rds_master_user_secret_arn": "aws_secretsmanager_secret.database_secret.arn",
    "redis_endpoint": "aws_elasticache_replication_group.cache.primary_endpoint_address",
    "redis_port": "aws_elasticache_replication_group.cache.port",
    "redis_tls": "aws_elasticache_replication_group.cache.transit_encryption_enabled",
    "bucket_name": "aws_s3_bucket.bucket.bucket",
    "bucket_arn": "aws_s3_bucket.bucket.arn",
    "gateway_role_arn": "aws_iam_role.gateway_role.arn",
    "workspace_storage_user": "aws_iam_user.workspace_storage.name",
    "workspace_bucket_prefix": "var.names.workspace_bucket_prefix",
}


def build_outputs(stack: Any, outputs: Mapping[str, str]) -> None:
    """Declares the outputs; none of them is a secret."""
    stack.add_override("output", {name: {"value": f"${{{reference}}}"} for name, reference in outputs.items()})
