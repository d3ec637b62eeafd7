"""scripts/setup-iam.sh in an account of the sandbox, and that the CloudFormation template says the same."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.iam import template

from .conftest import EXTERNAL_ID, NEEDED, PLATFORM, SCRIPT, Account, Cloud, Made, run
from .role import in_account, of_template, written

PARAMETERS = {"PlatformAccountId": PLATFORM, "ExternalId": EXTERNAL_ID}


def test_it_makes_the_role_that_is_written_and_does_nothing_the_second_time(made: Made, stand_in: Path) -> None:
    account, first = made.account, made.done
    assert first.code == 0, first.said
    assert first.out == f"arn:aws:iam::{account.id}:role/Beta9Provisioner"
    assert in_account(account) == written(PLATFORM, EXTERNAL_ID) == of_template(account.id, **PARAMETERS)

    second = run(account, stand_in, *NEEDED)
    assert (second.code, second.out) == (0, first.out)
    assert second.said.count("up to date") == 6
    assert "made" not in second.said and "updated\n" not in second.said.replace("trust updated\n", "")
    assert in_account(account) == written(PLATFORM, EXTERNAL_ID)


def test_the_platform_takes_the_role_with_the_external_id_alone(made: Made, cloud: Cloud) -> None:
    arn = made.done.out
    sts = cloud.account(PLATFORM).client("sts")
    assert sts.assume_role(RoleArn=arn, RoleSessionName="platform", ExternalId=EXTERNAL_ID)["Credentials"]
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=arn, RoleSessionName="platform")


def test_it_brings_a_role_up_to_date_and_takes_back_what_is_not_asked_for_any_more(
    account: Account, stand_in: Path
) -> None:
    boundary = f"arn:aws:iam::{account.id}:policy/Boundary"
    named = (*NEEDED, "--role-name", "Other")
    iam = account.client("iam")
    other = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    old = iam.create_policy(PolicyName="Other-read", PolicyDocument=other)["Policy"]["Arn"]
    for _ in range(4):  # as many versions as IAM keeps
        iam.create_policy_version(PolicyArn=old, PolicyDocument=other, SetAsDefault=True)
    done = run(account, stand_in, *named, "--bucket-prefix", "acme-f", "--permissions-boundary", boundary)
    assert done.code == 0, done.said
    assert "policy Other-read: updated" in done.said
    expected = of_template(
        account.id, **PARAMETERS, RoleName="Other", BucketPrefix="acme-f", PermissionsBoundaryArn=boundary
    )
    found = in_account(account, "Other")
    assert found == expected
    assert "arn:aws:s3:::acme-f*" in str(found.policies["read"])
    assert boundary in str(found.policies["boundary"])

    iam.attach_role_policy(RoleName="Other", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert "Other-boundary: no longer attached" in run(account, stand_in, *named).said
    attached = {one["PolicyName"] for one in iam.list_attached_role_policies(RoleName="Other")["AttachedPolicies"]}
    assert "Other-boundary" not in attached and "IAMReadOnlyAccess" in attached


@pytest.mark.e2e
def test_with_the_real_aws_cli(account: Account) -> None:
    if shutil.which("aws") is None:
        pytest.skip("the AWS CLI is not on PATH")
    done = run(account, None, *NEEDED)
    assert (done.code, done.out) == (0, f"arn:aws:iam::{account.id}:role/Beta9Provisioner"), done.said
    assert in_account(account) == written(PLATFORM, EXTERNAL_ID)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--platform-account must be twelve digits"),
        (("--platform-account", "1", "--external-id", "abc"), "--platform-account must be twelve digits"),
        (("--platform-account", PLATFORM), "--external-id must be"),
        (("--platform-account", PLATFORM, "--external-id", "a|b&c"), "--external-id must be"),
        (("--platform-account", PLATFORM, "--external-id"), "--external-id needs a value"),
        ((*NEEDED, "--role-name", "a/b"), "--role-name must be"),
        ((*NEEDED, "--bucket-prefix", "A"), "--bucket-prefix must be"),
        ((*NEEDED, "--permissions-boundary", "Boundary"), "--permissions-boundary must be the ARN"),
        ((*NEEDED, "--force"), "'--force' is no option"),
    ],
)
def test_a_wrong_argument_is_named_before_anything_is_called(
    account: Account, stand_in: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run(account, stand_in, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.said
    assert account.client("iam").list_roles()["Roles"] == []


def test_wrong_credentials_are_told_in_one_line(account: Account, stand_in: Path) -> None:
    done = run(account, stand_in, *NEEDED, AWS_SECRET_ACCESS_KEY="wrong")
    assert (done.code, done.out) == (1, "")
    assert done.said.startswith("setup-iam: AWS does not take your credentials: ")
    assert "SignatureDoesNotMatch" in done.said


def test_the_script_is_well_formed_and_says_what_it_takes() -> None:
    assert subprocess.run(["bash", "-n", SCRIPT], capture_output=True).returncode == 0
    said = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True)
    assert said.returncode == 0
    for option in ("platform-account", "external-id", "role-name", "bucket-prefix", "permissions-boundary"):
        assert f"--{option}" in said.stdout


_CLOUDFORMATION = """
import json, sys
import boto3
from moto import mock_aws

body, parameters = json.load(sys.stdin)
with mock_aws():
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    cloudformation, iam = boto3.client("cloudformation", **keys), boto3.client("iam", **keys)
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    made = {"StackName": "beta9-provisioner", "TemplateBody": body, "Parameters": given}
    cloudformation.create_stack(**made, Capabilities=["CAPABILITY_NAMED_IAM"])
    (stack,) = cloudformation.describe_stacks(StackName="beta9-provisioner")["Stacks"]
    attached = iam.list_attached_role_policies(RoleName="Beta9Provisioner")["AttachedPolicies"]
print(json.dumps([stack["Outputs"][0]["OutputValue"], [one["PolicyName"] for one in attached]]))
"""


def test_cloudformation_makes_the_template() -> None:
    """moto's CloudFormation, in a process of its own: the sandbox has none, and mends moto wherever it runs."""
    asked = json.dumps([template.TARGET.read_text(), PARAMETERS])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-c", _CLOUDFORMATION], input=asked, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    role, attached = json.loads(done.stdout)
    assert role.endswith(":role/Beta9Provisioner")
    assert {name.removeprefix("Beta9Provisioner-") for name in attached} == set(of_template("1", **PARAMETERS).policies)
