"""A real cluster without what makes it slow: the account's default network, and no database or cache.

For tests of the whole way, bootstrap included. Use it by the setting
PROVISIONING_STACKS=cluster=tests.integration.infra_engine.stacks.cluster:CLUSTER.
"""

from typing import Any

from services.infra_engine.stacks.aws.definition import BETA9
from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS, build_outputs, cluster_outputs
from services.infra_engine.stacks.aws.shape import from_shape
from services.infra_engine.stacks.definition import Milestone, Shape, StackDefinition
from tests.integration.infra_engine.stacks.default_network import default_network
from tests.integration.infra_engine.stacks.stand_ins import BACKENDS, TYPE, variables

_NETWORK = {
    "vpc_id": "aws_eks_cluster.cluster.vpc_config[0].vpc_id",
    "private_subnet_ids": "aws_eks_cluster.cluster.vpc_config[0].subnet_ids",
    "public_subnet_ids": "aws_eks_cluster.cluster.vpc_config[0].subnet_ids",
}


def build(stack: Any, shape: Shape) -> None:
    """The constructs are those of the real stack; the network is read, not made."""
    from services.infra_engine.stacks.aws.build import build_cluster_and_nodes, build_identities
    from services.infra_engine.stacks.aws.database_secret import PASSWORD, build_database_secret, build_secret
    from services.infra_engine.stacks.aws.encryption import build_encryption
    from services.infra_engine.stacks.aws.inputs import Inputs
    from services.infra_engine.stacks.aws.provider import build_provider
    from services.infra_engine.stacks.bindings import aws, create

    of = from_shape(shape)
    inputs = Inputs(stack, secrets=(PASSWORD,), others={"stand_ins": TYPE})
    build_provider(stack, inputs)
    encryption = build_encryption(stack, inputs, of)
    cluster = build_cluster_and_nodes(stack, inputs, of, default_network(stack, inputs), encryption)
    build_database_secret(stack, inputs, encryption)
    build_secret(stack, inputs, encryption, "cache_secret", "Auth token of no cache")
    bucket = create(stack, aws("s3_bucket").S3Bucket, "bucket", bucket=inputs.name("bucket"), force_destroy=True)
    build_identities(stack, inputs, cluster, bucket, encryption)
    # Without a cache there is no token, and the bootstrap takes an empty ARN for that.
    outputs = {**cluster_outputs(of), **BACKEND_OUTPUTS, **BACKENDS, **_NETWORK}
    build_outputs(stack, {name: one for name, one in outputs.items() if name != "redis_auth_secret_arn"})


_ABSENT = {
    "aws_db_instance.database",
    "aws_elasticache_replication_group.cache",
    "aws_vpc_security_group_ingress_rule.database_from_cluster",
    "aws_vpc_security_group_ingress_rule.cache_from_cluster",
    "aws_s3_bucket_public_access_block.bucket_private",
    "aws_s3_bucket_server_side_encryption_configuration.bucket_encryption",
}


def _milestones(shape: Shape) -> tuple[Milestone, ...]:
    return tuple(
        Milestone(one.name, one.addresses - _ABSENT, one.outputs - {"redis_auth_secret_arn"})
        for one in BETA9.milestones(shape)
        if one.name != "cache_available"
    )


CLUSTER = StackDefinition(
    name="cluster",
    build=f"{__name__}:build",
    shape=BETA9.shape,
    variables=variables,
    resource_types=BETA9.resource_types,
    data_types=BETA9.data_types,
    milestones=_milestones,
    secrets=BETA9.secrets,
)
