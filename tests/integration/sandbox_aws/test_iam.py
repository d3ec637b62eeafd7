"""IAM: boundaries, simulated policies, service-linked roles, and what must go before a delete."""

import json
from typing import Any

import pytest

from .conftest import Account
from .helpers import refused

TRUST = {"Principal": {"Service": "ec2.amazonaws.com"}}


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy(account: Account, name: str, *actions: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    made: str = account.client("iam").create_policy(PolicyName=name, PolicyDocument=document(statement))["Policy"][
        "Arn"
    ]
    return made


def test_users_and_roles_have_boundaries(account: Account) -> None:
    iam = account.client("iam")
    one, two = policy(account, "one", "s3:*"), policy(account, "two", "ec2:*")
    kind = "PermissionsBoundaryPolicy"
    made = iam.create_user(UserName="robot", PermissionsBoundary=one)["User"]
    assert made["PermissionsBoundary"] == {"PermissionsBoundaryType": kind, "PermissionsBoundaryArn": one}
    iam.put_user_permissions_boundary(UserName="robot", PermissionsBoundary=two)
    assert iam.get_user(UserName="robot")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == two
    assert refused(iam.delete_policy, PolicyArn=two)[0] == "DeleteConflict"
    iam.delete_user_permissions_boundary(UserName="robot")
    assert "PermissionsBoundary" not in iam.get_user(UserName="robot")["User"]
    iam.delete_policy(PolicyArn=two)
    assert refused(iam.put_user_permissions_boundary, UserName="robot", PermissionsBoundary=two)[0] == "NoSuchEntity"

    account.role("worker", TRUST)
    assert "PermissionsBoundary" not in iam.get_role(RoleName="worker")["Role"]
    assert refused(iam.put_role_permissions_boundary, RoleName="worker", PermissionsBoundary=two)[0] == "NoSuchEntity"
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=one)
    assert iam.get_role(RoleName="worker")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == one
    iam.delete_role_permissions_boundary(RoleName="worker")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="worker")["Role"]


def test_what_is_used_is_not_deleted(account: Account) -> None:
    iam = account.client("iam")
    arn = policy(account, "one", "s3:*")
    iam.create_user(UserName="robot")
    iam.attach_user_policy(UserName="robot", PolicyArn=arn)
    key = iam.create_access_key(UserName="robot")["AccessKey"]["AccessKeyId"]
    assert refused(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.detach_user_policy(UserName="robot", PolicyArn=arn)
    assert refused(iam.delete_user, UserName="robot")[0] == "DeleteConflict"
    assert [found["AccessKeyId"] for found in iam.list_access_keys(UserName="robot")["AccessKeyMetadata"]] == [key]
    assert iam.get_access_key_last_used(AccessKeyId=key)["UserName"] == "robot"
    iam.delete_access_key(UserName="robot", AccessKeyId=key)
    iam.delete_user(UserName="robot")
    other = document({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=other, SetAsDefault=True)
    assert refused(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)
    assert account.inventory() == {}


@pytest.fixture
def worker(account: Account) -> str:
    """A role that may do all of S3 and, in one region, of EC2; limited to reading and EC2."""
    iam = account.client("iam")
    arn = account.role("worker", TRUST)
    region = {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}
    iam.attach_role_policy(RoleName="worker", PolicyArn=policy(account, "identity", "s3:*", "iam:PassRole"))
    inline = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": region}
    iam.put_role_policy(RoleName="worker", PolicyName="inline", PolicyDocument=document(inline))
    limit = policy(account, "limit", "s3:Get*", "ec2:*")
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=limit)
    return arn


def test_policies_are_simulated(account: Account, worker: str) -> None:
    iam = account.client("iam")
    actions = ["s3:GetObject", "s3:PutObject", "ec2:RunInstances", "kms:Decrypt"]
    results = iam.simulate_principal_policy(PolicySourceArn=worker, ActionNames=actions)["EvaluationResults"]
    found = {result["EvalActionName"]: result for result in results}
    assert {name: result["EvalDecision"] for name, result in found.items()} == {
        "s3:GetObject": "allowed",
        "s3:PutObject": "implicitDeny",
        "ec2:RunInstances": "implicitDeny",
        "kms:Decrypt": "implicitDeny",
    }
    assert [statement["SourcePolicyId"] for statement in found["s3:GetObject"]["MatchedStatements"]] == ["identity"]
    assert found["s3:PutObject"]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert found["ec2:RunInstances"]["MissingContextValues"] == ["aws:RequestedRegion"]
    entry = {
        "ContextKeyName": "aws:RequestedRegion",
        "ContextKeyType": "string",
        "ContextKeyValues": ["eu-central-1"],
    }
    (again,) = iam.simulate_principal_policy(
        PolicySourceArn=worker, ActionNames=["ec2:RunInstances"], ContextEntries=[entry]
    )["EvaluationResults"]
    assert again["EvalDecision"] == "allowed"


def test_a_simulation_has_pages_and_resources(account: Account, worker: str) -> None:
    iam = account.client("iam")
    buckets = [f"arn:aws:s3:::bucket-{number}" for number in range(3)]
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": buckets[1]}
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=worker,
        ActionNames=["s3:GetObject"],
        ResourceArns=buckets,
        PolicyInputList=[json.dumps({"Statement": [deny]})],
        PaginationConfig={"PageSize": 2},
    )
    decisions = [result["EvalDecision"] for page in pages for result in page["EvaluationResults"]]
    assert decisions == ["allowed", "explicitDeny", "allowed"]


def test_who_cannot_be_simulated(account: Account, worker: str) -> None:
    simulate = account.client("iam").simulate_principal_policy
    session = f"arn:aws:sts::{account.id}:assumed-role/worker/run"
    assert refused(simulate, PolicySourceArn=session, ActionNames=["s3:GetObject"])[0] == "InvalidInput"
    assert refused(simulate, PolicySourceArn=f"{worker}s", ActionNames=["s3:GetObject"])[0] == "NoSuchEntity"
    assert refused(simulate, PolicySourceArn=worker, ActionNames=["GetObject"])[0] == "InvalidInput"


def test_custom_policies_are_simulated(account: Account) -> None:
    allow = json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    limit = json.dumps({"Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}})
    simulate = account.client("iam").simulate_custom_policy
    given = {"PolicyInputList": [allow], "ActionNames": ["s3:GetObject"]}
    assert simulate(**given)["EvaluationResults"][0]["EvalDecision"] == "allowed"
    limited = simulate(**given, PermissionsBoundaryPolicyInputList=[limit])["EvaluationResults"][0]
    assert limited["EvalDecision"] == "implicitDeny"


def test_service_linked_roles_have_their_names(account: Account) -> None:
    iam = account.client("iam")
    made = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    assert made["Arn"] == (
        f"arn:aws:iam::{account.id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
    taken = refused(iam.create_service_linked_role, AWSServiceName="autoscaling.amazonaws.com")
    assert taken[0] == "InvalidInput"
    assert "has been taken in this account" in taken[2]
    assert iam.get_role(RoleName="AWSServiceRoleForAutoScaling")["Role"]["Path"].startswith("/aws-service-role/")
    assert account.inventory() == {}
