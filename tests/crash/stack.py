"""A small stack with a resource of every kind of identity, so that a crash point costs seconds.

What has an id of AWS' own and tags, what is known by its parent alone, what is known by its name, a bucket with a part
of it, and a secret with a version. Another `lifecycle_days` in the document grows it: something is added, changed in
place, replaced and removed. Use it by PROVISIONING_STACKS=crash=tests.crash.stack:CRASH and PROVISIONING_STACK=crash.
"""

from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS
from services.infra_engine.stacks.definition import Milestone, Shape, StackDefinition
from services.infra_engine.stacks.stack_input import ObjectStore, StackInput
from tests.integration.infra_engine.stacks.stand_ins import BACKENDS, CLUSTER, variables

OUTPUTS = {
    **BACKEND_OUTPUTS,
    **CLUSTER,
    **BACKENDS,
    "region": "var.region",
    "vpc_id": "aws_vpc.vpc.id",
    "cluster_name": "var.names.cluster",
    "cluster_version": "var.cluster_version",
    "node_group_name": "var.node_groups.system.name",
    "node_desired_size": "var.node_groups.system.desired_size",
    "redis_auth_secret_arn": "aws_secretsmanager_secret.database_secret.arn",
    "workspace_storage_user": "var.names.workspace_storage_user",
}


def _shape(stack_input: StackInput) -> Shape:
    return {"grown": stack_input.object_store.lifecycle_days != ObjectStore().lifecycle_days}


def _milestones(shape: Shape) -> tuple[Milestone, ...]:
    return (
        Milestone(
            "cluster_available",
            frozenset({"aws_vpc.vpc", "aws_subnet.subnet_a"}),
            frozenset(OUTPUTS.keys() - BACKEND_OUTPUTS.keys()),
        ),
        Milestone(
            "backends_available",
            frozenset({"aws_s3_bucket.bucket", "aws_secretsmanager_secret.database_secret"}),
            frozenset({"bucket_name", "bucket_arn", "redis_auth_secret_arn"}),
        ),
    )


CRASH = StackDefinition(
    name="crash",
    build="tests.crash.resources:build",
    shape=_shape,
    variables=variables,
    resource_types=frozenset(
        {
            "aws_iam_instance_profile",
            "aws_iam_role",
            "aws_iam_role_policy",
            "aws_iam_role_policy_attachment",
            "aws_internet_gateway",
            "aws_route",
            "aws_route_table",
            "aws_route_table_association",
            "aws_s3_bucket",
            "aws_s3_bucket_versioning",
            "aws_secretsmanager_secret",
            "aws_secretsmanager_secret_version",
            "aws_security_group",
            "aws_subnet",
            "aws_vpc",
            "aws_vpc_security_group_ingress_rule",
        }
    ),
    data_types=frozenset(),
    milestones=_milestones,
)
