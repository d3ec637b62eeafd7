"""What a role is made of: read from an account, expanded from the CloudFormation template, or written in deploy/iam."""

import json
from dataclasses import dataclass
from typing import Any

import yaml

from scripts.iam import sources, template

from .conftest import Account

Document = dict[str, Any]


@dataclass(frozen=True)
class Role:
    """Trust, and the attached policies by the end of their names."""

    trust: Document
    policies: dict[str, Document]


def in_account(account: Account, name: str = "Beta9Provisioner") -> Role:
    """The role as IAM has it; every attached policy's name must begin with the role's."""
    iam = account.client("iam")
    policies = {}
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)["PolicyVersion"]
        assert attached["PolicyName"].startswith(f"{name}-")
        policies[attached["PolicyName"].removeprefix(f"{name}-")] = found["Document"]
    return Role(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], policies)


def of_template(account_id: str, **parameters: str) -> Role:
    """What CloudFormation would make of the template with these parameters."""
    whole = yaml.safe_load(template.TARGET.read_text())
    values = {name: str(one["Default"]) for name, one in whole["Parameters"].items() if "Default" in one}
    values |= {"AWS::Partition": "aws", "AWS::AccountId": account_id, **parameters}
    resources = {
        name: _expanded(one["Properties"], values)
        for name, one in whole["Resources"].items()
        if "Condition" not in one or values["PermissionsBoundaryArn"]
    }
    role = resources.pop("Role")
    prefix = f"{role['RoleName']}-"
    return Role(
        role["AssumeRolePolicyDocument"],
        {one["ManagedPolicyName"].removeprefix(prefix): one["PolicyDocument"] for one in resources.values()},
    )


def written(platform: str, external_id: str) -> Role:
    """The role of deploy/iam's JSON, without a boundary, as it stands."""
    trust = json.dumps(sources.trust()).replace("${PlatformPrincipal}", f"arn:aws:iam::{platform}:root")
    return Role(json.loads(trust.replace("${ExternalId}", external_id)), sources.policies())


def _expanded(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_expanded(one, values) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return values.get(value["Ref"], value["Ref"])
    if set(value) == {"Fn::Sub"}:
        text: str = value["Fn::Sub"]
        for name, known in values.items():
            text = text.replace(f"${{{name}}}", known)
        assert "${" not in text, text
        return text
    return {key: _expanded(one, values) for key, one in value.items()}
