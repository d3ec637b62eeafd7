"""What the examples find in the customer's account: a role, and what they bring themselves."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3

from services.infra_engine.stacks.stack_input import AwsAccount, AwsCalls, StackInput
from tests.integration.infra_engine.conftest import Cloud

REGION = "us-east-1"
EXTERNAL_ID = "external"
ROLE = "Beta9Provisioner"
_AUTO_SCALING = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


class Customer:
    """An account of the sandbox with a role that admits the platform."""

    def __init__(self, cloud: Cloud, account: str, platform: str) -> None:
        key = cloud.variables(account)
        self.account = account
        self._session = boto3.Session(
            aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        self._url = cloud.url
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{platform}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
        }
        iam = self.client("iam")
        self.role = str(iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"])
        iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._url)

    def environment(self, example: StackInput, uid: str) -> StackInput:
        """The example as it would be in this account; makes what it refers to."""
        got = replace(
            example,
            uid=uid,
            account=AwsAccount(self.account, REGION, self.role, EXTERNAL_ID),
            aws_calls=AwsCalls(s3_path_style=True, max_retries=5),
        )
        if example.permissions_boundary_arn:
            got = replace(got, permissions_boundary_arn=self._boundary())
        if example.kms_key_arn:
            got = replace(got, kms_key_arn=self._key())
        if (network := example.network).existing_private_subnet_ids:
            subnets = self._subnets()
            got = replace(
                got,
                network=replace(
                    network,
                    existing_vpc_id=self._vpc() if network.existing_vpc_id else None,
                    existing_private_subnet_ids=subnets[:2],
                    existing_public_subnet_ids=subnets[2:4] if network.existing_public_subnet_ids else (),
                ),
            )
        if example.cluster.existing_name:
            self._cluster(example.cluster.existing_name)
        return got

    def _boundary(self) -> str:
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        policy = self.client("iam").create_policy(PolicyName="Boundary", PolicyDocument=_document(allow))
        return str(policy["Policy"]["Arn"])

    def _key(self) -> str:
        """Its policy lets Logs and EC2 Auto Scaling use it, as the contract asks."""
        root = f"arn:aws:iam::{self.account}:root"
        auto_scaling = {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{self.account}:{_AUTO_SCALING}"}},
        }
        logs = {"Service": f"logs.{REGION}.amazonaws.com"}
        policy = _document(
            {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": logs, "Action": _USE, "Resource": "*"},
            {**auto_scaling, "Action": [*_USE, "kms:CreateGrant"]},
        )
        return str(self.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])

    def _vpc(self) -> str:
        return str(self.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])

    def _subnets(self) -> tuple[str, ...]:
        filters = [{"Name": "default-for-az", "Values": ["true"]}]
        found = self.client("ec2").describe_subnets(Filters=filters)["Subnets"]
        return tuple(str(one["SubnetId"]) for one in found)

    def _cluster(self, name: str) -> None:
        eks = self.client("eks")
        eks.create_cluster(
            name=name,
            roleArn=self.role,
            resourcesVpcConfig={"subnetIds": list(self._subnets()[:2])},
            accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"},
        )
        deadline = time.monotonic() + 60
        while (cluster := eks.describe_cluster(name=name)["cluster"])["status"] != "ACTIVE":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        issuer = cluster["identity"]["oidc"]["issuer"]
        self.client("iam").create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])


def _document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
