"""Every type of the stacks, and how it is found again in AWS."""

from collections.abc import Mapping

from services.infra_engine.recovery.finders import data, ec2, eks, identity, stores
from services.infra_engine.recovery.kinds import Findable, Kind, MadeAgain

_PART_OF_BUCKET = MadeAgain("It is a setting of its bucket: written again it says the same, and goes with the bucket.")

KINDS: Mapping[str, Kind] = {
    "aws_cloudwatch_log_group": Findable(("name",), stores.log_group),
    # There is nothing in it of which AWS could make a snapshot.
    "aws_db_instance": Findable(("identifier",), data.database, failed={"skip_final_snapshot": True}),
    "aws_db_parameter_group": Findable(("name",), data.database_parameters),
    "aws_db_subnet_group": Findable(("name",), data.database_subnets),
    "aws_default_security_group": MadeAgain("AWS makes it with the VPC: Terraform's create takes what is there."),
    "aws_eip": Findable((), ec2.address, unnamed=True),
    "aws_eks_access_entry": Findable(("cluster_name", "principal_arn"), eks.access_entry),
    "aws_eks_access_policy_association": Findable(("cluster_name", "principal_arn", "policy_arn"), eks.access_policy),
    "aws_eks_addon": Findable(("cluster_name", "addon_name"), eks.addon),
    "aws_eks_cluster": Findable(("name",), eks.cluster),
    "aws_eks_node_group": Findable(("cluster_name", "node_group_name"), eks.node_group),
    "aws_elasticache_parameter_group": Findable(("name",), data.cache_parameters),
    "aws_elasticache_replication_group": Findable(
        ("replication_group_id",), data.cache, defaults={"auth_token_update_strategy": "ROTATE"}
    ),
    "aws_elasticache_subnet_group": Findable(("name",), data.cache_subnets),
    "aws_flow_log": Findable(("vpc_id",), ec2.flow_log),
    "aws_iam_instance_profile": Findable(("name",), identity.instance_profile),
    "aws_iam_openid_connect_provider": Findable(("url",), identity.openid_connect_provider),
    "aws_iam_role": Findable(("name",), identity.role),
    "aws_iam_role_policy": Findable(("role", "name"), identity.role_policy),
    "aws_iam_role_policy_attachment": Findable(("role", "policy_arn"), identity.attachment),
    "aws_iam_user": Findable(("name",), identity.user),
    "aws_iam_user_policy": Findable(("user", "name"), identity.user_policy),
    "aws_internet_gateway": Findable(("vpc_id",), ec2.internet_gateway, unnamed=True),
    "aws_kms_alias": Findable(("name",), stores.alias),
    "aws_kms_key": Findable((), stores.key, unnamed=True),
    "aws_launch_template": Findable(("name",), ec2.launch_template),
    "aws_nat_gateway": Findable(("subnet_id",), ec2.nat_gateway, unnamed=True),
    "aws_route": Findable(("route_table_id", "destination_cidr_block"), ec2.route),
    "aws_route_table": Findable(("vpc_id",), ec2.route_table, unnamed=True),
    "aws_route_table_association": Findable(("subnet_id", "route_table_id"), ec2.route_table_association),
    "aws_s3_bucket": Findable(("bucket",), stores.bucket),
    "aws_s3_bucket_lifecycle_configuration": _PART_OF_BUCKET,
    "aws_s3_bucket_ownership_controls": _PART_OF_BUCKET,
    "aws_s3_bucket_policy": _PART_OF_BUCKET,
    "aws_s3_bucket_public_access_block": _PART_OF_BUCKET,
    "aws_s3_bucket_server_side_encryption_configuration": _PART_OF_BUCKET,
    "aws_s3_bucket_versioning": _PART_OF_BUCKET,
    "aws_secretsmanager_secret": Findable(("name",), stores.secret),
    "aws_secretsmanager_secret_version": MadeAgain(
        "An import would bring the secret into the state; written again it is one more version of the same."
    ),
    "aws_security_group": Findable(("name",), ec2.security_group),
    "aws_ssm_parameter": Findable(("name",), stores.parameter),
    "aws_subnet": Findable(("vpc_id", "cidr_block"), ec2.subnet),
    "aws_vpc": Findable((), ec2.vpc, unnamed=True),
    "aws_vpc_endpoint": Findable(("vpc_id", "service_name"), ec2.endpoint, unnamed=True),
    "aws_vpc_security_group_ingress_rule": Findable(("security_group_id",), ec2.ingress_rule),
}


def defaults_of(address: str) -> Mapping[str, object]:
    """What is to be filled in after the import of a resource."""
    kind = KINDS.get(address.partition(".")[0])
    return kind.defaults if isinstance(kind, Findable) else {}


def failed_attributes_of(address: str) -> Mapping[str, object]:
    """What a resource that failed while it was made is to have in the state, so that it can be deleted."""
    kind = KINDS.get(address.partition(".")[0])
    return kind.failed if isinstance(kind, Findable) else {}


def is_unnamed(address: str) -> bool:
    """Whether AWS may have a resource twice."""
    kind = KINDS.get(address.partition(".")[0])
    return isinstance(kind, Findable) and kind.unnamed
