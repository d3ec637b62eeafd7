"""A real cluster without what makes it slow: the account's default network, and no database or cache.

For tests of the whole way, bootstrap included. Use it by the setting
PROVISIONING_STACKS=cluster=tests.integration.infra_engine.stacks.cluster:CLUSTER.
"""

from typing import Any

from services.infra_engine.stacks.aws.definition import BETA9
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS, CLUSTER_OUTPUTS, build_outputs
from services.infra_engine.stacks.aws.variables import stack_variables
from services.infra_engine.stacks.definition import Milestone, Shape, StackDefinition
from services.infra_engine.stacks.stack_input import StackInput
from tests.integration.infra_engine.stacks.stand_ins import BACKENDS, TYPE, stand_ins


def build(stack: Any, shape: Shape) -> None:
    """The constructs are those of the real stack; the network is read, not made."""
    from services.infra_engine.stacks.aws import postgres
    from services.infra_engine.stacks.aws.addons import build_network_addons, build_node_addons
    from services.infra_engine.stacks.aws.cluster import build_cluster
    from services.infra_engine.stacks.aws.identity import build_gateway_role, build_workspace_storage_user
    from services.infra_engine.stacks.aws.network import Network
    from services.infra_engine.stacks.aws.nodes import build_nodes
    from services.infra_engine.stacks.aws.provider import build_provider
    from services.infra_engine.stacks.bindings import aws, cdktf, create

    inputs = Inputs(stack, secrets=(postgres.PASSWORD,), others={"stand_ins": TYPE})
    build_provider(stack, inputs)
    subnets = aws("data_aws_subnets")
    create(
        stack,
        subnets.DataAwsSubnets,
        "default",
        filter=[subnets.DataAwsSubnetsFilter(name="default-for-az", values=["true"])],
    )
    network = Network(vpc_id="", private_subnet_ids=cdktf.Token.as_list("${data.aws_subnets.default.ids}"), way_out=())
    cluster = build_cluster(stack, inputs, network)
    nodes, _ = build_nodes(stack, inputs, cluster, network, build_network_addons(stack, inputs, cluster))
    build_node_addons(stack, inputs, cluster, nodes)
    postgres.build_secret(stack, inputs)
    bucket = create(stack, aws("s3_bucket").S3Bucket, "bucket", bucket=inputs.name("bucket"), force_destroy=True)
    build_gateway_role(stack, inputs, cluster, bucket)
    build_workspace_storage_user(stack, inputs)
    vpc_id = {"vpc_id": "aws_eks_cluster.cluster.vpc_config[0].vpc_id"}
    build_outputs(stack, {**CLUSTER_OUTPUTS, **BACKEND_OUTPUTS, **BACKENDS, **vpc_id})


def _variables(stack_input: StackInput) -> dict[str, object]:
    return {**stack_variables(stack_input), "stand_ins": stand_ins(stack_input)}


_ABSENT = {
    "aws_db_instance.database",
    "aws_elasticache_replication_group.cache",
    "aws_vpc_security_group_ingress_rule.database_from_cluster",
    "aws_vpc_security_group_ingress_rule.cache_from_cluster",
    "aws_s3_bucket_public_access_block.bucket_private",
}

CLUSTER = StackDefinition(
    name="cluster",
    build=f"{__name__}:build",
    shape=lambda stack_input: {},
    variables=_variables,
    resource_types=BETA9.resource_types,
    data_types=frozenset({"aws_subnets"}),
    milestones=tuple(Milestone(one.name, one.addresses - _ABSENT, one.outputs) for one in BETA9.milestones),
    secrets=BETA9.secrets,
)
