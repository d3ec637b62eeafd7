"""What an environment tells the world: plain references, which can be read from a state in the making too.

None of it is a secret; where one is kept is told by its ARN.
"""

from collections.abc import Mapping
from typing import Any

from services.infra_engine.stacks.aws.addresses import CLUSTER_SUBNETS, CLUSTER_VPC, KEY_ARN
from services.infra_engine.stacks.aws.shape import StackShape

Reference = str | list[str]
"""A reference, or a list of some."""

BACKEND_OUTPUTS: Mapping[str, Reference] = {
    "rds_endpoint": "aws_db_instance.database.endpoint",
    "rds_address": "aws_db_instance.database.address",
    "rds_port": "aws_db_instance.database.port",
    "rds_database": "aws_db_instance.database.db_name",
    "rds_username": "aws_db_instance.database.username",
    "rds_master_user_secret_arn": "aws_secretsmanager_secret.database_secret.arn",
    "redis_endpoint": "aws_elasticache_replication_group.cache.primary_endpoint_address",
    "redis_port": "aws_elasticache_replication_group.cache.port",
    "redis_tls": "aws_elasticache_replication_group.cache.transit_encryption_enabled",
    "redis_auth_secret_arn": "aws_secretsmanager_secret.cache_secret.arn",
    # As they were asked for: RDS moves through minor versions by itself.
    "postgres_version": "var.postgres_version",
    "redis_engine": "var.cache_engine",
    "redis_version": "var.cache_engine_version",
    "bucket_name": "aws_s3_bucket.bucket.bucket",
    "bucket_arn": "aws_s3_bucket.bucket.arn",
    "gateway_role_arn": "aws_iam_role.gateway_role.arn",
    "workspace_storage_user": "aws_iam_user.workspace_storage.name",
    "workspace_bucket_prefix": "var.names.workspace_bucket_prefix",
}


def cluster_outputs(shape: StackShape) -> dict[str, Reference]:
    """Known as soon as the cluster is there. A customer's cluster without node groups of ours has no node role."""
    cluster = "data.aws_eks_cluster.cluster" if shape.existing_cluster else "aws_eks_cluster.cluster"
    provider = "aws_iam_openid_connect_provider.oidc"
    outputs: dict[str, Reference] = {
        **_network(shape),
        "region": "var.region",
        "cluster_name": f"{cluster}.name",
        "cluster_arn": f"{cluster}.arn",
        "cluster_version": f"{cluster}.version",
        "cluster_endpoint": f"{cluster}.endpoint",
        "cluster_certificate_authority_data": f"{cluster}.certificate_authority[0].data",
        "cluster_security_group_id": f"{cluster}.vpc_config[0].cluster_security_group_id",
        "oidc_issuer": f"{cluster}.identity[0].oidc[0].issuer",
        "oidc_provider_arn": f"{provider if shape.oidc_provider else f'data.{provider}'}.arn",
        "kms_key_arn": KEY_ARN if shape.own_key else "var.kms_key_arn",
        "cluster_autoscaler_role_arn": "aws_iam_role.cluster_autoscaler_role.arn",
        "load_balancer_controller_role_arn": "aws_iam_role.load_balancer_role.arn",
    }
    if shape.groups:
        outputs["node_role_arn"] = "aws_iam_role.node_role.arn"
    if shape.has_system:
        outputs["node_group_name"] = "aws_eks_node_group.system_nodes.node_group_name"
        outputs["node_desired_size"] = "var.node_groups.system.desired_size"
    return outputs


def _network(shape: StackShape) -> dict[str, Reference]:
    if shape.zones:
        return {
            "vpc_id": "aws_vpc.vpc.id",
            "private_subnet_ids": [f"aws_subnet.private_{index}.id" for index in range(shape.zones)],
            "public_subnet_ids": [f"aws_subnet.public_{index}.id" for index in range(shape.zones)],
        }
    named = shape.existing_public_subnets > 0
    return {
        "vpc_id": CLUSTER_VPC if shape.existing_cluster else "var.existing_vpc_id",
        "private_subnet_ids": "var.existing_private_subnet_ids" if shape.existing_subnets else CLUSTER_SUBNETS,
        "public_subnet_ids": "var.existing_public_subnet_ids" if named else "data.aws_subnets.public.ids",
    }


def build_outputs(stack: Any, outputs: Mapping[str, Reference]) -> None:
    """Declares the outputs."""
    stack.add_override("output", {name: {"value": _value(reference)} for name, reference in outputs.items()})


def _value(reference: Reference) -> Reference:
    return [f"${{{one}}}" for one in reference] if isinstance(reference, list) else f"${{{reference}}}"
