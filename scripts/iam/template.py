"""The role and its policies as a CloudFormation template that the console can make a stack of in one click."""

from pathlib import Path
from typing import Any

import yaml

from scripts.iam.sources import FOLDER, Document

TARGET: Path = FOLDER / "beta9-provisioner.yaml"

_HEAD = "# Made by `make iam` from the JSON beside it; not to be edited.\n"
_PARTS = (
    # In the documents, in the template.
    ("arn:aws:s3:::beta9-*", "arn:${AWS::Partition}:s3:::${BucketPrefix}*"),
    ("arn:aws:", "arn:${AWS::Partition}:"),
    ("role/Beta9Provisioner", "role/${RoleName}"),
)
_PARAMETERS: Document = {
    "PlatformAccountId": {
        "Type": "String",
        "Description": "The platform's AWS account, which may take the role",
        "AllowedPattern": "[0-9]{12}",
        "ConstraintDescription": "must be the twelve digits of an AWS account",
    },
    "ExternalId": {
        "Type": "String",
        "Description": "Your workspace's external id, which the platform must show to take the role",
        "MinLength": 2,
        "MaxLength": 1224,
        "AllowedPattern": "[\\w+=,.@:/-]+",
        "ConstraintDescription": "must be the id as the platform told it",
    },
    "RoleName": {
        "Type": "String",
        "Description": "The role's name; the policies' names begin with it",
        "Default": "Beta9Provisioner",
        "MaxLength": 64,
        "AllowedPattern": "[\\w+=,.@-]+",
    },
    "BucketPrefix": {
        "Type": "String",
        "Description": "How the names of the environments' buckets begin",
        "Default": "beta9-",
        "AllowedPattern": "[a-z0-9][a-z0-9-]{2,36}",
    },
    "PermissionsBoundaryArn": {
        "Type": "String",
        "Description": "A policy that must bound all that the platform makes in IAM; empty for none",
        "Default": "",
        "AllowedPattern": "(arn:[a-z-]+:iam::[0-9]{12}:policy/.+)?",
    },
}


def render(policies: dict[str, Document], trust: Document, boundary: Document) -> str:
    """The template's text."""
    resources: Document = {"Role": _role(trust)}
    resources |= {_logical(name): _policy(name, document) for name, document in policies.items()}
    resources["Boundary"] = {"Condition": "HasBoundary", **_policy("boundary", boundary)}
    template: Document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The role with which Beta9 Provisioning builds, keeps and removes environments in this account",
        "Parameters": _PARAMETERS,
        "Conditions": {"HasBoundary": {"Fn::Not": [{"Fn::Equals": [{"Ref": "PermissionsBoundaryArn"}, ""]}]}},
        "Resources": resources,
        "Outputs": {
            "RoleArn": {
                "Description": "What a document names as cloud.role_arn",
                "Value": {"Fn::GetAtt": ["Role", "Arn"]},
            }
        },
    }
    return _HEAD + yaml.dump(template, Dumper=_Plain, sort_keys=False, width=120)


class _Plain(yaml.SafeDumper):
    """No anchors: who reads the template sees each value where it is used."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _role(trust: Document) -> Document:
    (statement,) = trust["Statement"]
    principal = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${PlatformAccountId}:root"}}
    condition = {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Ref": "RoleName"},
            "Description": "Taken by Beta9 Provisioning",
            "AssumeRolePolicyDocument": {
                **trust,
                "Statement": [{**statement, "Principal": principal, "Condition": condition}],
            },
        },
    }


def _policy(name: str, document: Document) -> Document:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": {"Fn::Sub": "${RoleName}-" + name},
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": _filled(document),
        },
    }


def _filled(value: Any) -> Any:
    """Strings that the customer's own values are part of, as CloudFormation substitutes them."""
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    if not isinstance(value, str):
        return value
    text = value
    for plain, filled in _PARTS:
        text = text.replace(plain, filled)
    return {"Fn::Sub": text} if "${" in text else text


def _logical(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
