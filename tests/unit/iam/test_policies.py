"""The role's policies: sizes, names, and what they do and do not allow, by the sandbox's evaluator."""

import json
import re
from dataclasses import replace

import pytest

from scripts.iam import sources
from services.infra_engine.preflight.actions import action_groups
from services.infra_engine.preflight.granted import STATEMENTS
from services.infra_engine.stacks.stack_input import Cluster, Network, StackInput
from tests.integration.infra_engine.inputs import EXAMPLES
from tests.unit.iam.customer import ACCOUNT, OURS, actions, allowed, allowed_within

# IAM counts no white space.
LIMIT = 6144
# Of ten managed policies that a role can have by AWS's default, some are left for the customer's own.
MOST = 8
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/Boundary"


@pytest.mark.parametrize("name", [*sources.POLICIES, "boundary"])
def test_a_policy_fits_iams_limit(name: str) -> None:
    document = sources.boundary() if name == "boundary" else sources.policies()[name]
    assert len(re.sub(r"\s", "", json.dumps(document))) <= LIMIT


def test_all_policies_fit_a_role() -> None:
    assert len(sources.POLICIES) + 1 <= MOST
    assert {path.stem for path in (sources.FOLDER / "policies").iterdir()} == set(sources.POLICIES)


def test_statements_have_names_of_their_own_and_name_their_actions_in_full() -> None:
    statements = [one for document in sources.policies().values() for one in document["Statement"]]
    names = [one["Sid"] for one in statements]
    assert len(set(names)) == len(names)
    for statement in statements:
        found = sources.listed(statement["Action"])
        assert found == sorted(set(found)), statement["Sid"]
        assert all(re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+", action) for action in found), statement["Sid"]


def test_what_is_about_everything_reads_or_is_held_by_a_condition() -> None:
    for name, document in sources.policies().items():
        for statement in document["Statement"]:
            if sources.listed(statement["Resource"]) == ["*"]:
                assert name == "read" or statement["Condition"], statement["Sid"]


def test_reading_changes_nothing_and_applying_deletes_only_what_it_replaces() -> None:
    verbs = {re.match(r"[A-Z][a-z]+", action.partition(":")[2])[0] for action in actions("read")}  # type: ignore[index]
    assert verbs == {"Decrypt", "Describe", "Get", "List", "Simulate"}
    applied = actions("apply-network", "apply-cluster", "apply-stores", "apply-identity")
    deletes = {action for action in applied if action.partition(":")[2].startswith(("Delete", "Schedule", "Terminate"))}
    assert deletes == {
        "ec2:DeleteTags",
        "iam:DeleteAccessKey",  # the old key, once a rotation is done
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteUserPermissionsBoundary",
        "s3:DeleteObject",  # the lock beside the state
    }


CASES: dict[str, StackInput] = {
    **EXAMPLES,
    "cluster-and-its-oidc": replace(EXAMPLES["existing-cluster"], cluster=Cluster(existing_name="theirs")),
    "no-flow-logs": replace(EXAMPLES["minimal"], network=Network(flow_logs=False)),
    "london": replace(EXAMPLES["minimal"], account=replace(EXAMPLES["minimal"].account, region="eu-west-2")),
}


@pytest.mark.parametrize("name", CASES)
def test_preflight_finds_nothing_missing_in_a_role_with_all_policies(name: str) -> None:
    given = CASES[name]
    account = replace(given.account, role_arn=f"arn:aws:iam::{given.account.account_id}:role/Beta9Provisioner")
    prefix = replace(given.object_store, bucket_prefix="beta9")
    for group in action_groups(replace(given, account=account, object_store=prefix)):
        for resource in group.resources:
            refused = [one for one in group.actions if not allowed(one, resource, group.context)]
            assert not refused, resource


@pytest.mark.parametrize("name", sources.POLICIES)
def test_preflight_finds_every_policy_that_is_missing(name: str) -> None:
    small = CASES["minimal"]
    account = replace(small.account, role_arn=f"arn:aws:iam::{small.account.account_id}:role/Beta9Provisioner")
    refused = {
        action
        for group in action_groups(replace(small, account=account))
        for resource in group.resources
        for action in group.actions
        if not allowed(action, resource, group.context, name)
    }
    only_there = actions(name) - actions(*(one for one in sources.POLICIES if one != name))
    # What only this document's build does not call.
    seldom = set(STATEMENTS["BoundaryChange"]) | set(STATEMENTS["ReadBoundary"])
    assert refused >= only_there - seldom


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


def iam(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("ec2:TerminateInstances", arn("ec2", "instance/i-1"), OURS),
        ("ec2:DeleteVpc", arn("ec2", "vpc/vpc-1"), {"aws:ResourceTag/ManagedBy": "terraform"}),
        ("ec2:DeleteSubnet", arn("ec2", "subnet/subnet-1"), {}),
        ("ec2:CreateSubnet", arn("ec2", "vpc/vpc-1"), {"aws:RequestTag/ManagedBy": "beta9-provisioning"}),
        ("ec2:AuthorizeSecurityGroupIngress", arn("ec2", "security-group/sg-1"), {}),
        ("ec2:CreateTags", arn("ec2", "vpc/vpc-1"), {"aws:RequestTag/ManagedBy": "beta9-provisioning"}),
        ("ec2:RunInstances", arn("ec2", "instance/i-1"), OURS),
        ("eks:CreateCluster", arn("eks", "cluster/beta9-a"), {}),
        ("eks:UpdateClusterVersion", arn("eks", "cluster/theirs"), OURS),
        ("eks:CreateAccessEntry", arn("eks", "cluster/theirs"), OURS),
        ("eks:DeleteNodegroup", arn("eks", "nodegroup/theirs/workers/1"), OURS),
        ("iam:AttachRolePolicy", iam("role/beta9-a"), {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ("iam:CreateAccessKey", iam("user/admin"), OURS),
        ("iam:PassRole", iam("role/beta9-a"), {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", iam("role/admin"), {"iam:PassedToService": "eks.amazonaws.com"}),
        ("iam:PutRolePolicy", iam("role/Beta9Provisioner"), OURS),
        ("iam:UpdateAssumeRolePolicy", iam("role/Beta9Provisioner"), OURS),
        ("iam:CreateServiceLinkedRole", iam("role/aws-service-role/x/y"), {"iam:AWSServiceName": "ops.amazonaws.com"}),
        ("kms:Decrypt", arn("kms", "key/1"), {"kms:ViaService": "s3.us-east-1.amazonaws.com"}),
        ("kms:ScheduleKeyDeletion", arn("kms", "key/1"), {}),
        ("rds:DeleteDBInstance", arn("rds", "db:billing"), OURS),
        ("elasticache:ModifyReplicationGroup", arn("elasticache", "replicationgroup:sessions"), OURS),
        ("s3:DeleteBucket", "arn:aws:s3:::beta9-tf-state-123456789012-us-east-1", {}),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::beta9-tf-state-123456789012-us-east-1/a", {}),
        ("s3:GetObject", "arn:aws:s3:::beta9-abcdefghijklmnop/file", {}),
        ("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:stripe-AbCdEf"), OURS),
        ("logs:DeleteLogGroup", arn("logs", "log-group:/aws/eks/theirs/cluster"), OURS),
        ("elasticloadbalancing:DeleteLoadBalancer", arn("elasticloadbalancing", "loadbalancer/net/a/1"), OURS),
    ],
)
def test_what_is_not_ours_is_out_of_reach(action: str, resource: str, context: dict[str, str]) -> None:
    assert not allowed(action, resource, context)


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"])
def test_a_boundary_that_is_asked_for_is_on_all_that_is_made(action: str) -> None:
    role = iam("role/beta9-a-gateway")
    assert allowed(action, role, {})
    assert not allowed_within(BOUNDARY, action, role, {})
    assert not allowed_within(BOUNDARY, action, role, {"iam:PermissionsBoundary": f"{BOUNDARY}2"})
    assert allowed_within(BOUNDARY, action, role, {"iam:PermissionsBoundary": BOUNDARY})
    assert not allowed_within(BOUNDARY, "iam:DeleteRolePermissionsBoundary", role, {})
