"""The resources of the small stack; loads cdktf, so that the synthesis child alone imports it."""

import json
from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.outputs import build_outputs
from services.infra_engine.stacks.aws.policies import assumed_by_service
from services.infra_engine.stacks.aws.provider import build_provider
from services.infra_engine.stacks.bindings import Resource, aws, create
from services.infra_engine.stacks.definition import Shape
from tests.crash.stack import OUTPUTS
from tests.integration.infra_engine.stacks.stand_ins import TYPE


def build(stack: Any, shape: Shape) -> None:
    """The network stands for the cluster, the bucket for the backends; they do not wait for each other."""
    grown = bool(shape["grown"])
    inputs = Inputs(stack, others={"stand_ins": TYPE})
    build_provider(stack, inputs)
    _network(stack, grown)
    _identity(stack, inputs, grown)
    bucket = create(stack, aws("s3_bucket").S3Bucket, "bucket", bucket=inputs.name("bucket"), force_destroy=True)
    versioning = aws("s3_bucket_versioning")
    create(
        stack,
        versioning.S3BucketVersioningA,
        "bucket_versioning",
        bucket=bucket.ref("id"),
        versioning_configuration=versioning.S3BucketVersioningVersioningConfiguration(
            status=inputs.text("bucket_versioning")
        ),
    )
    secret = create(
        stack,
        aws("secretsmanager_secret").SecretsmanagerSecret,
        "database_secret",
        name=inputs.name("database_secret"),
        recovery_window_in_days=0,
    )
    create(
        stack,
        aws("secretsmanager_secret_version").SecretsmanagerSecretVersion,
        "database_secret_value",
        secret_id=secret.ref("id"),
        secret_string_wo=json.dumps({"password": "of nothing"}),
        secret_string_wo_version=inputs.number("bucket_lifecycle_days"),
    )
    build_outputs(stack, OUTPUTS)


def _network(stack: Any, grown: bool) -> None:
    vpc = create(stack, aws("vpc").Vpc, "vpc", cidr_block="10.0.0.0/16")
    gateway = create(stack, aws("internet_gateway").InternetGateway, "gateway", vpc_id=vpc.ref("id"))
    table = create(stack, aws("route_table").RouteTable, "table", vpc_id=vpc.ref("id"))
    create(
        stack,
        aws("route").Route,
        "way_out",
        route_table_id=table.ref("id"),
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.ref("id"),
    )
    for index, letter in enumerate("ab" if grown else "a"):
        _subnet(stack, vpc, table, index, letter)
    group = create(
        stack,
        aws("security_group").SecurityGroup,
        "nodes",
        name="nodes",
        description="Nodes of nothing",
        vpc_id=vpc.ref("id"),
        revoke_rules_on_delete=True,
    )
    create(
        stack,
        aws("vpc_security_group_ingress_rule").VpcSecurityGroupIngressRule,
        "to_nodes",
        security_group_id=group.ref("id"),
        cidr_ipv4="10.0.0.0/16",
        ip_protocol="tcp",
        from_port=443,
        to_port=8443 if grown else 443,
    )


def _subnet(stack: Any, vpc: Resource, table: Resource, index: int, letter: str) -> None:
    subnet = create(
        stack, aws("subnet").Subnet, f"subnet_{letter}", vpc_id=vpc.ref("id"), cidr_block=f"10.0.{index}.0/24"
    )
    create(
        stack,
        aws("route_table_association").RouteTableAssociation,
        f"routes_{letter}",
        subnet_id=subnet.ref("id"),
        route_table_id=table.ref("id"),
    )


def _identity(stack: Any, inputs: Inputs, grown: bool) -> None:
    role = create(
        stack,
        aws("iam_role").IamRole,
        "gateway_role",
        name=inputs.name("gateway_role"),
        assume_role_policy=assumed_by_service("ec2.amazonaws.com"),
    )
    allowed = {"Effect": "Allow", "Action": ["s3:GetObject", *(["s3:PutObject"] if grown else [])], "Resource": "*"}
    create(
        stack,
        aws("iam_role_policy").IamRolePolicy,
        "gateway_policy",
        name="objects",
        role=role.ref("id"),
        policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    if not grown:
        create(
            stack,
            aws("iam_role_policy_attachment").IamRolePolicyAttachment,
            "gateway_reads",
            role=role.ref("name"),
            policy_arn=inputs.aws_policy("ReadOnlyAccess"),
        )
    create(
        stack,
        aws("iam_instance_profile").IamInstanceProfile,
        "gateway_profile",
        name=inputs.name("gateway_role"),
        role=role.ref("name"),
    )
