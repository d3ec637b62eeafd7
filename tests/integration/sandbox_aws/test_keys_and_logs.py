"""Keys, log groups, public parameters and regions."""

import json
from typing import Any

import pytest

from .conftest import Account
from .helpers import refused


def key_policy(account: Account, *statements: dict[str, Any]) -> str:
    root = {"AWS": f"arn:aws:iam::{account.id}:root"}
    whole = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole, *statements]})


def for_logs(region: str = "us-east-1", pattern: str = "*") -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:*:log-group:{pattern}"}
        },
    }


def make_key(account: Account, *statements: dict[str, Any]) -> str:
    made = account.client("kms").create_key(Policy=key_policy(account, *statements))
    arn: str = made["KeyMetadata"]["Arn"]
    return arn


def test_a_key_policy_names_those_who_exist(account: Account) -> None:
    role = f"arn:aws:iam::{account.id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    nodes = {"Effect": "Allow", "Principal": {"AWS": [role]}, "Action": "kms:CreateGrant", "Resource": "*"}
    kms = account.client("kms")
    assert refused(kms.create_key, Policy=key_policy(account, nodes))[0] == "MalformedPolicyDocumentException"
    account.client("iam").create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    arn = make_key(account, nodes)
    text = key_policy(account)
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=text)
    assert kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"] == text


def test_a_key_about_to_be_deleted_is_gone(account: Account) -> None:
    kms, arn = account.client("kms"), make_key(account)
    kms.create_alias(AliasName="alias/one", TargetKeyId=arn)
    kms.enable_key_rotation(KeyId=arn, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=arn)["RotationPeriodInDays"] == 180
    assert kms.describe_key(KeyId="alias/one")["KeyMetadata"]["Arn"] == arn
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert account.inventory() == {"kms:alias": ["us-east-1/alias/one"]}
    kms.delete_alias(AliasName="alias/one")
    assert account.inventory() == {}


def test_aws_own_keys_are_described(account: Account) -> None:
    found = account.client("kms").describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
    assert (found["KeyManager"], found["Enabled"]) == ("AWS", True)
    assert account.inventory() == {}


def test_a_log_group_needs_a_key_that_lets_it_in(account: Account) -> None:
    logs = account.client("logs")
    for key in (
        make_key(account),
        make_key(account, for_logs(pattern="other")),
        make_key(account, for_logs("eu-west-1")),
    ):
        assert refused(logs.create_log_group, logGroupName="one", kmsKeyId=key)[0] == "AccessDeniedException"
    key = make_key(account, for_logs(pattern="one"))
    logs.create_log_group(logGroupName="one", kmsKeyId=key, tags={"a": "b"})
    logs.put_retention_policy(logGroupName="one", retentionInDays=30)
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (group["kmsKeyId"], group["retentionInDays"]) == (key, 30)
    logs.disassociate_kms_key(logGroupName="one")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    logs.associate_kms_key(logGroupName="one", kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    other = make_key(account)
    assert refused(logs.associate_kms_key, logGroupName="one", kmsKeyId=other)[0] == "AccessDeniedException"


def test_a_log_group_made_again_is_a_new_one(account: Account) -> None:
    logs = account.client("logs")
    logs.create_log_group(logGroupName="one", tags={"a": "b"})
    assert refused(logs.create_log_group, logGroupName="one")[0] == "ResourceAlreadyExistsException"
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    logs.delete_log_group(logGroupName="one")
    logs.create_log_group(logGroupName="one")
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}


def test_flow_logs_take_a_group_by_its_arn(account: Account) -> None:
    ec2, logs, vpc = account.client("ec2"), account.client("logs"), account.network().vpc_id
    logs.create_log_group(logGroupName="flow")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    role = account.role("flow", {"Principal": {"Service": "vpc-flow-logs.amazonaws.com"}})
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestination=arn,
        DeliverLogsPermissionArn=role,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Name", "Value": "one"}]}],
    )
    (found,) = ec2.describe_flow_logs()["FlowLogs"]
    assert (found["LogDestination"], found["LogGroupName"]) == (arn, "flow")
    assert found["DeliverLogsStatus"] == "SUCCESS"
    assert found["Tags"] == [{"Key": "Name", "Value": "one"}]
    assert "ec2:flow-log" in account.inventory()


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36"])
@pytest.mark.parametrize("family", ["x86_64/standard", "arm64/standard", "x86_64/nvidia"])
def test_eks_images_are_published(account: Account, version: str, family: str) -> None:
    ssm = account.client("ssm")
    name = f"/aws/service/eks/optimized-ami/{version}/amazon-linux-2023/{family}/recommended"
    image = ssm.get_parameter(Name=f"{name}/image_id")["Parameter"]["Value"]
    whole = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    release = ssm.get_parameter(Name=f"{name}/release_version")["Parameter"]["Value"]
    assert image.startswith("ami-")
    assert (whole["image_id"], whole["release_version"]) == (image, release)
    assert release.startswith(f"{version}.")
    assert (
        account.client("ssm", region="eu-west-1").get_parameter(Name=f"{name}/image_id")["Parameter"]["Value"] != image
    )
    assert account.inventory() == {}


def test_regions_are_opted_in_to(account: Account) -> None:
    client, ec2 = account.client("account"), account.client("ec2")

    def status(region: str) -> str:
        found: str = client.get_region_opt_status(RegionName=region)["RegionOptStatus"]
        return found

    def shown() -> set[str]:
        return {found["RegionName"] for found in ec2.describe_regions()["Regions"]}

    assert status("us-east-1") == "ENABLED_BY_DEFAULT"
    assert status("eu-south-1") == "DISABLED"
    assert "eu-south-1" not in shown()
    (asked,) = ec2.describe_regions(RegionNames=["eu-south-1"])["Regions"]
    assert asked["OptInStatus"] == "not-opted-in"
    client.enable_region(RegionName="eu-south-1")
    assert status("eu-south-1") == "ENABLED"
    assert {"eu-south-1", "us-east-1"} <= shown()
    (enabled,) = client.list_regions(RegionOptStatusContains=["ENABLED"])["Regions"]
    assert enabled == {"RegionName": "eu-south-1", "RegionOptStatus": "ENABLED"}
    pages = client.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10})
    assert len([found for page in pages for found in page["Regions"]]) > 25
    assert refused(client.disable_region, RegionName="us-east-1")[0] == "ValidationException"
    assert refused(client.get_region_opt_status, RegionName="nowhere-1")[0] == "ValidationException"
