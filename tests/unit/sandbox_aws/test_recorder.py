"""IAM's names of calls, and what AWS asks for besides."""

import json
from typing import Any

import pytest

from libs.sandbox.aws.recorder import implied, names
from libs.sandbox.aws.recorder.parameters import parameters_of

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("ec2", "DescribeVpcs", {}, ("ec2:DescribeVpcs",)),
        ("tagging", "GetResources", {}, ("tag:GetResources",)),
        ("s3", "HeadBucket", {}, ("s3:ListBucket",)),
        ("s3", "HeadObject", {}, ("s3:GetObject",)),
        ("s3", "GetObject", {"versionId": "1"}, ("s3:GetObjectVersion",)),
        ("s3", "GetBucketLifecycleConfiguration", {}, ("s3:GetLifecycleConfiguration",)),
        ("s3", "DeletePublicAccessBlock", {}, ("s3:PutBucketPublicAccessBlock",)),
        ("s3", "DeleteObjects", {}, ("s3:DeleteObject", "s3:DeleteObjectVersion")),
        ("s3", "PutBucketPolicy", {}, ("s3:PutBucketPolicy",)),
    ],
)
def test_iam_has_names_of_its_own(
    service: str, operation: str, parameters: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert names.actions(service, operation, parameters) == expected


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("ec2", "CreateVpc", {"TagSpecification.1.Tag.1.Key": "a"}, ["ec2:CreateTags"]),
        ("ec2", "CreateVpc", {}, []),
        ("ec2", "DescribeVpcs", {"TagSpecification.1.Tag.1.Key": "a"}, []),
        ("ec2", "CreateFlowLogs", {"DeliverLogsPermissionArn": "arn"}, ["iam:PassRole"]),
        ("ec2", "CreateFlowLogs", {}, []),
        ("iam", "CreateRole", {"Tags.member.1.Key": "a"}, ["iam:TagRole"]),
        ("iam", "CreateServiceLinkedRole", {"Tags.member.1.Key": "a"}, []),
        ("kms", "CreateKey", {"Tags.0.TagKey": "a"}, ["kms:TagResource"]),
        ("logs", "CreateLogGroup", {"tags.a": "b"}, ["logs:TagResource"]),
        ("eks", "CreateAddon", {"serviceAccountRoleArn": "arn", "tags.a": "b"}, ["iam:PassRole", "eks:TagResource"]),
        (
            "eks",
            "CreateNodegroup",
            {"nodeRole": "arn", "launchTemplate.id": "lt-1"},
            ["iam:PassRole", "iam:CreateServiceLinkedRole", "ec2:RunInstances", "ec2:CreateTags"],
        ),
        (
            "elasticache",
            "CreateReplicationGroup",
            {"KmsKeyId": "arn"},
            ["iam:CreateServiceLinkedRole", "kms:CreateGrant", "kms:DescribeKey"],
        ),
        ("secretsmanager", "CreateSecret", {"KmsKeyId": "arn"}, []),
        (
            "secretsmanager",
            "CreateSecret",
            {"KmsKeyId": "arn", "SecretString": "a"},
            ["kms:GenerateDataKey", "kms:Decrypt"],
        ),
        ("s3", "CreateBucket", {"x-amz-object-ownership": "BucketOwnerEnforced"}, ["s3:PutBucketOwnershipControls"]),
    ],
)
def test_what_aws_asks_for_besides(
    service: str, operation: str, parameters: dict[str, str], expected: list[str]
) -> None:
    assert implied.actions(service, operation, parameters, ACCOUNT, REGION) == expected


def test_parameters_of_every_protocol() -> None:
    form: dict[str, Any] = {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}
    assert parameters_of("ec2", form, b"Action=CreateVpc&A.1=b") == {"Action": "CreateVpc", "A.1": "b"}
    body = json.dumps({"a": {"b": [{"c": 1}, {"c": None}]}, "d": "e"}).encode()
    assert parameters_of("eks", {}, body) == {"a.b.0.c": "1", "d": "e"}
    s3 = {"QUERY_STRING": "versionId=1", "HTTP_X_AMZ_OBJECT_OWNERSHIP": "X"}
    assert parameters_of("s3", s3, body) == {"versionId": "1", "x-amz-object-ownership": "X"}
