"""Terraform's errors, as the AWS provider 5.100 words them, become typed facts."""

import pytest

from libs.failures import Actor
from services.infra_engine.terraform.events import Diagnostic
from services.infra_engine.terraform.failures import classify, root_cause


def error(summary: str, detail: str = "", address: str = "aws_vpc.vpc") -> Diagnostic:
    return Diagnostic("error", summary, detail, address)


def api(operation: str, status: int, code: str, message: str = "no") -> str:
    return (
        f"creating X: operation error {operation}, https response error StatusCode: {status},"
        f" RequestID: 0f3c9f0e-1b1d-4d6a-9d7e-6c1b8a1c2d3e, api error {code}: {message}"
    )


@pytest.mark.parametrize(
    ("diagnostic", "reason", "actor", "retryable"),
    [
        (
            error("Cannot assume IAM Role", "IAM Role (arn:aws:iam::1:role/x) cannot be assumed.\n\nAccessDenied"),
            "ROLE_NOT_ASSUMABLE",
            Actor.CUSTOMER,
            False,
        ),
        (error("AWS account ID not allowed: 123456789012"), "ACCOUNT_MISMATCH", Actor.CUSTOMER, False),
        (error("No valid credential sources found"), "PLATFORM_CREDENTIALS_INVALID", Actor.PLATFORM, True),
        (error(api("EC2: CreateVpc", 403, "UnauthorizedOperation")), "AWS_ACCESS_DENIED", Actor.CUSTOMER, False),
        (error(api("EKS: CreateCluster", 403, "AccessDeniedException")), "AWS_ACCESS_DENIED", Actor.CUSTOMER, False),
        (error(api("EC2: CreateVpc", 503, "RequestLimitExceeded")), "AWS_THROTTLED", Actor.NOBODY, True),
        (error(api("IAM: CreateRole", 400, "Throttling", "Rate exceeded")), "AWS_THROTTLED", Actor.NOBODY, True),
        (
            error(
                "waiting for KMS Key (1) rotation update: operation error KMS: GetKeyRotationStatus, exceeded maximum"
                " number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, EOF"
            ),
            "AWS_UNAVAILABLE",
            Actor.CLOUD_PROVIDER,
            True,
        ),
        (error(api("EC2: CreateVpc", 400, "VpcLimitExceeded")), "AWS_QUOTA_EXCEEDED", Actor.CUSTOMER, False),
        (error(api("EC2: AllocateAddress", 400, "AddressLimitExceeded")), "AWS_QUOTA_EXCEEDED", Actor.CUSTOMER, False),
        (
            error(api("RDS: CreateDBInstance", 400, "InstanceQuotaExceeded")),
            "AWS_QUOTA_EXCEEDED",
            Actor.CUSTOMER,
            False,
        ),
        (
            error(api("RDS: CreateDBInstance", 400, "InsufficientDBInstanceCapacity")),
            "AWS_CAPACITY",
            Actor.CLOUD_PROVIDER,
            True,
        ),
        (
            error(
                "waiting for EKS Node Group (c:n) create: unexpected state 'CREATE_FAILED', wanted target 'ACTIVE'."
                " last error: AsgInstanceLaunchFailures: InsufficientInstanceCapacity"
            ),
            "AWS_CAPACITY",
            Actor.CLOUD_PROVIDER,
            True,
        ),
        (
            error(api("EC2: DeleteSubnet", 400, "DependencyViolation", "The subnet has dependencies")),
            "DEPENDENCY_VIOLATION",
            Actor.CUSTOMER,
            True,
        ),
        (
            error(api("RDS: DeleteDBInstance", 400, "DBSnapshotAlreadyExists")),
            "FINAL_SNAPSHOT_EXISTS",
            Actor.CUSTOMER,
            False,
        ),
        (error(api("IAM: CreateRole", 409, "EntityAlreadyExists")), "RESOURCE_ALREADY_EXISTS", Actor.PLATFORM, False),
        (
            error("waiting for RDS DB Instance (x) create: timeout while waiting for state to become 'available'"),
            "AWS_TIMEOUT",
            Actor.CLOUD_PROVIDER,
            True,
        ),
        (error(api("S3: CreateBucket", 503, "Oops")), "AWS_UNAVAILABLE", Actor.CLOUD_PROVIDER, True),
        (error("dial tcp 127.0.0.1:1: connect: connection refused"), "AWS_UNAVAILABLE", Actor.CLOUD_PROVIDER, True),
        *(
            (
                error(f"reading IAM Role (x): operation error IAM: GetRole, {said}"),
                "AWS_UNAVAILABLE",
                Actor.CLOUD_PROVIDER,
                True,
            )
            for said in (
                "failed to get rate limit token, retry quota exceeded, 4 available, 5 requested",
                'request send failed, Post "https://iam": write tcp 10.0.0.1:1->10.0.0.2:443: write: broken pipe',
                'request send failed, Post "https://iam": use of closed network connection',
            )
        ),
        (
            error("reading IAM Role (x): operation error IAM: GetRole, StatusCode: 0, canceled, context canceled"),
            "CANCELLED",
            Actor.NOBODY,
            True,
        ),
        (error(api("IAM: X", 501, "NotImplemented")), "AWS_REFUSED", Actor.PLATFORM, False),
        (error(api("EC2: CreateVpc", 400, "InvalidParameterValue")), "AWS_REFUSED", Actor.PLATFORM, False),
        (error("Provider produced inconsistent result after apply"), "TERRAFORM_ERROR", Actor.PLATFORM, False),
    ],
)
def test_each_error_has_its_reason(diagnostic: Diagnostic, reason: str, actor: Actor, retryable: bool) -> None:
    failure = classify(diagnostic)
    assert (failure.reason, failure.actor, failure.retryable) == (reason, actor, retryable)
    assert failure.remedy
    assert failure.resource_address == "aws_vpc.vpc"


def test_the_facts_of_the_call_are_kept_apart_from_the_sentence() -> None:
    failure = classify(error(api("EC2: CreateVpc", 403, "UnauthorizedOperation", "You are not authorized")))
    assert failure.metadata == {
        "aws_request_id": "0f3c9f0e-1b1d-4d6a-9d7e-6c1b8a1c2d3e",
        "aws_error_code": "UnauthorizedOperation",
        "aws_operation": "EC2:CreateVpc",
    }
    assert failure.message == (
        "creating X: operation error EC2: CreateVpc, api error UnauthorizedOperation: You are not authorized"
    )


def test_a_long_error_is_cut() -> None:
    assert len(classify(error("x " * 5000)).message) <= 400


def test_the_cause_that_a_person_must_mend_comes_first() -> None:
    found = [
        error(api("EC2: CreateVpc", 503, "RequestLimitExceeded"), address="aws_vpc.vpc"),
        error("Provider produced inconsistent result", address="aws_eip.nat"),
        error(api("EKS: CreateCluster", 403, "AccessDeniedException"), address="aws_eks_cluster.cluster"),
        Diagnostic("warning", "Argument is deprecated", ""),
    ]
    failure = root_cause(found, command="apply")
    assert (failure.reason, failure.resource_address) == ("AWS_ACCESS_DENIED", "aws_eks_cluster.cluster")


def test_a_command_that_says_nothing_still_fails_with_a_sentence() -> None:
    failure = root_cause([], command="plan", private="panic: x")
    assert failure.reason == "TERRAFORM_ERROR"
    assert "plan" in failure.message
    assert failure.private == "panic: x"


_NOT_YET = "AWS_NOT_YET_CONSISTENT"
_EC2_RULE = "authorizing Security Group (sg-1) Rule (x): operation error EC2: AuthorizeSecurityGroupIngress, "
_HTTP = "https response error StatusCode: 400, RequestID: 0f3c9f0e-1b1d-4d6a, "


@pytest.mark.parametrize(
    ("summary", "address", "reason"),
    [
        (
            _EC2_RULE + _HTTP + "api error InvalidGroup.NotFound: sg-1",
            "aws_vpc_security_group_ingress_rule.x",
            _NOT_YET,
        ),
        (api("EC2: CreateSubnet", 400, "InvalidVpcID.NotFound"), "aws_subnet.a", _NOT_YET),
        (api("IAM: AttachRolePolicy", 404, "NoSuchEntity"), "aws_iam_role_policy_attachment.a", _NOT_YET),
        (
            api("S3: PutBucketPolicy", 400, "MalformedPolicy", "Invalid principal in policy"),
            "aws_s3_bucket_policy.a",
            _NOT_YET,
        ),
        ("reading IAM Role (x): couldn't find resource", "aws_iam_role.x", _NOT_YET),
        ("waiting for EC2 VPC (vpc-1) create: couldn't find resource", "aws_vpc.vpc", _NOT_YET),
        ("Provider produced inconsistent result after apply", "aws_vpc.vpc", _NOT_YET),
        # A data source that misses something, and a delete, are no matter of a moment.
        ("reading IAM Role (x): couldn't find resource", "data.aws_iam_role.x", "TERRAFORM_ERROR"),
        ("reading EC2 VPC (vpc-1): couldn't find resource", "module.a.data.aws_vpc.x", "TERRAFORM_ERROR"),
        (
            "deleting EC2 Subnet (s): operation error EC2: DeleteSubnet, "
            + _HTTP
            + "api error InvalidVpcID.NotFound: v",
            "aws_subnet.a",
            "AWS_REFUSED",
        ),
        # A permission error stays one, whatever else the sentence holds.
        (
            api("IAM: PassRole", 403, "AccessDenied", "not authorized; NoSuchEntity"),
            "aws_iam_role.x",
            "AWS_ACCESS_DENIED",
        ),
    ],
)
def test_what_is_not_seen_yet_is_tried_again_and_what_is_missing_is_not(
    summary: str, address: str, reason: str
) -> None:
    detail = "Root object was present, but now absent." if "inconsistent" in summary else ""
    failure = classify(error(summary, detail, address))
    assert failure.reason == reason
    assert failure.retryable == (reason == _NOT_YET)


def test_no_rule_lets_a_permission_error_be_tried_again() -> None:
    from libs.failures import Kind
    from services.infra_engine.terraform.failures import _RULES

    refused = [rule for rule in _RULES if rule.kind is Kind.PERMISSION_DENIED]
    assert {rule.reason for rule in refused} == {"ROLE_NOT_ASSUMABLE", "AWS_ACCESS_DENIED"}
    assert not any(rule.retryable for rule in refused)
    again = {rule.reason for rule in _RULES if rule.retryable and rule.actor is not Actor.CUSTOMER}
    assert again == {
        "PLATFORM_CREDENTIALS_INVALID", "AWS_THROTTLED", "AWS_CAPACITY", _NOT_YET, "AWS_TIMEOUT", "AWS_UNAVAILABLE",
        "DISK_FULL",
    }  # fmt: skip


def test_a_permission_error_among_throttled_calls_ends_the_run() -> None:
    told = root_cause(
        [error(api("EC2: CreateVpc", 503, "RequestLimitExceeded")), error(api("IAM: CreateRole", 403, "AccessDenied"))],
        command="apply",
    )
    assert (told.reason, told.retryable) == ("AWS_ACCESS_DENIED", False)
