"""What a customer does once in an AWS account, done in an account of the sandbox: the role that the platform takes."""

from __future__ import annotations

import asyncio
import json

from libs.embedded import cloud, role_policies
from libs.embedded.failures import PlatformError


async def onboard(sandbox_url: str, role_arn: str, external_id: str) -> None:
    """Make the account and the role, which the platform may assume with this external id alone. Idempotent.

    Its rights are those of deploy/iam, as on AWS. The sandbox does not check them call by call; the pre-flight's
    simulation judges by them.
    """
    account_id, role = _parts(role_arn)
    key = await cloud.administrator_key(sandbox_url, account_id)
    await asyncio.to_thread(_make_role, sandbox_url, key, account_id, role, external_id)


def trust_policy(external_id: str) -> dict[str, object]:
    """Who may take the role: the platform's account, and only with the workspace's external id."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{cloud.PLATFORM_ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }


def _make_role(sandbox_url: str, key: dict[str, str], account_id: str, role: str, external_id: str) -> None:
    import boto3

    iam = boto3.client(
        "iam",
        endpoint_url=sandbox_url,
        region_name="us-east-1",
        aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
    )
    try:
        policy = json.dumps(trust_policy(external_id))
        try:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=policy)
        except iam.exceptions.EntityAlreadyExistsException:
            iam.update_assume_role_policy(RoleName=role, PolicyDocument=policy)
        role_policies.attach(iam, account_id, role)
    finally:
        iam.close()


def _parts(role_arn: str) -> tuple[str, str]:
    match role_arn.split(":"):
        case ["arn", _, "iam", "", account_id, resource] if resource.startswith("role/"):
            return account_id, resource.rpartition("/")[2]
    raise PlatformError(f"'{role_arn}' is not the ARN of a role; it should read arn:aws:iam::<account>:role/<name>")
