"""A stack of seconds: a bucket, a role and a parameter. For tests of the engine's flow.

Use it by the setting PROVISIONING_STACKS=minimal=tests.integration.infra_engine.stacks.minimal:MINIMAL.
"""

from typing import Any

from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS, build_outputs
from services.infra_engine.stacks.aws.policies import assumed_by_service
from services.infra_engine.stacks.definition import Milestone, Shape, StackDefinition
from tests.integration.infra_engine.stacks.stand_ins import BACKENDS, CLUSTER, TYPE, variables

_OUTPUTS = {
    **BACKEND_OUTPUTS,
    **CLUSTER,
    **BACKENDS,
    "region": "var.region",
    "cluster_name": "var.names.cluster",
    "cluster_version": "var.cluster_version",
    "node_group_name": "var.node_groups.system.name",
    "node_desired_size": "var.node_groups.system.desired_size",
    "redis_auth_secret_arn": "aws_ssm_parameter.settings.arn",
    "rds_master_user_secret_arn": "aws_ssm_parameter.settings.arn",
    "workspace_storage_user": "var.names.workspace_storage_user",
}


def build(stack: Any, shape: Shape) -> None:
    """The bucket stands for the backends, the parameter for the cluster; they do not wait for each other."""
    from services.infra_engine.stacks.aws.inputs import Inputs
    from services.infra_engine.stacks.aws.provider import build_provider
    from services.infra_engine.stacks.bindings import aws, create

    inputs = Inputs(stack, others={"stand_ins": TYPE})
    build_provider(stack, inputs)
    create(stack, aws("s3_bucket").S3Bucket, "bucket", bucket=inputs.name("bucket"), force_destroy=True)
    role = create(
        stack,
        aws("iam_role").IamRole,
        "gateway_role",
        name=inputs.name("gateway_role"),
        assume_role_policy=assumed_by_service("ec2.amazonaws.com"),
    )
    create(
        stack,
        aws("ssm_parameter").SsmParameter,
        "settings",
        name=f"/beta9/{inputs.name('base')}/settings",
        type="String",
        value=role.ref("arn"),
    )
    build_outputs(stack, _OUTPUTS)


MINIMAL = StackDefinition(
    name="minimal",
    build=f"{__name__}:build",
    shape=lambda stack_input: {},
    variables=variables,
    resource_types=frozenset({"aws_s3_bucket", "aws_iam_role", "aws_ssm_parameter"}),
    data_types=frozenset(),
    milestones=lambda shape: (
        Milestone(
            "cluster_available",
            frozenset({"aws_ssm_parameter.settings"}),
            frozenset(_OUTPUTS.keys() - BACKEND_OUTPUTS.keys()),
        ),
        Milestone(
            "backends_available",
            frozenset({"aws_s3_bucket.bucket", "aws_iam_role.gateway_role"}),
            frozenset(BACKEND_OUTPUTS),
        ),
    ),
)
