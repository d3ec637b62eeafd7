"""The pre-flight simulates the role that the script made: it lacks nothing, and what a lesser role lacks is named."""

import json
from dataclasses import replace

from services.infra_engine.preflight.actions import action_groups
from services.infra_engine.preflight.aws.iam import denied
from services.infra_engine.stacks.stack_input import AwsAccount, StackInput, State
from tests.integration.infra_engine.inputs import PRODUCTION, SMALL

from .conftest import EXTERNAL_ID, Made


def lacking(made: Made, role: str, given: StackInput) -> set[str]:
    where = AwsAccount(made.account.id, "us-east-1", made.done.out, EXTERNAL_ID)
    return set(denied(made.account.client("iam"), role, action_groups(replace(given, account=where))))


def test_the_role_may_do_all_that_a_document_needs(made: Made) -> None:
    assert lacking(made, made.done.out, SMALL) == set()
    # Its buckets begin with another prefix than the script was told.
    assert PRODUCTION.object_store.bucket_prefix == "acme-beta9"
    services = {action.partition(":")[0] for action in lacking(made, made.done.out, PRODUCTION)}
    assert services == {"s3"}


def test_a_state_elsewhere_needs_more_than_the_policies(made: Made) -> None:
    theirs = replace(SMALL, state=State(bucket="their-states", lock_table="locks"))
    found = lacking(made, made.done.out, theirs)
    assert {action.partition(":")[0] for action in found} == {"s3", "dynamodb"}
    assert {"s3:ListBucket", "s3:GetBucketVersioning", "s3:PutObject", "dynamodb:PutItem"} <= found
    assert "s3:CreateBucket" not in found
    assert lacking(made, made.done.out, replace(SMALL, state=State(bucket="beta9-tf-state-acme"))) == set()


def test_a_role_without_a_policy_lacks_what_is_in_it(made: Made) -> None:
    iam = made.account.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    lesser = iam.create_role(RoleName="Lesser", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for policy in iam.list_attached_role_policies(RoleName="Beta9Provisioner")["AttachedPolicies"]:
        if not policy["PolicyName"].endswith("-destroy"):
            iam.attach_role_policy(RoleName="Lesser", PolicyArn=policy["PolicyArn"])
    found = lacking(made, lesser, SMALL)
    assert {"ec2:DeleteVpc", "eks:DeleteCluster", "rds:DeleteDBInstance", "kms:ScheduleKeyDeletion"} <= found
    assert not {"ec2:CreateVpc", "rds:CreateDBInstance", "s3:PutObject"} & found
