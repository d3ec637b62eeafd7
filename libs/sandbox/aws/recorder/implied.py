"""What AWS asks for besides an operation's own action: passing roles, tagging, service-linked roles, KMS keys.

From each service's page in the Service Authorization Reference and its guide to permissions. A caller needs
`iam:CreateServiceLinkedRole` only until the account has the role; it is counted always: a first environment needs it.
"""

from __future__ import annotations

import sys
from typing import Any

from libs.sandbox.aws.recorder.parameters import Parameters

_PASSED_ROLES: dict[tuple[str, str], tuple[str, ...]] = {
    ("eks", "CreateCluster"): ("roleArn",),
    ("eks", "CreateNodegroup"): ("nodeRole",),
    ("eks", "CreateAddon"): ("serviceAccountRoleArn",),
    ("eks", "UpdateAddon"): ("serviceAccountRoleArn",),
    ("eks", "CreatePodIdentityAssociation"): ("roleArn",),
    ("eks", "UpdatePodIdentityAssociation"): ("roleArn",),
    ("ec2", "CreateFlowLogs"): ("DeliverLogsPermissionArn",),
    ("ec2", "RunInstances"): ("IamInstanceProfile.Arn", "IamInstanceProfile.Name"),
    ("rds", "CreateDBInstance"): ("MonitoringRoleArn",),
    ("rds", "ModifyDBInstance"): ("MonitoringRoleArn",),
    ("iam", "AddRoleToInstanceProfile"): ("RoleName",),
}
"""Parameters that pass a role on."""

_LINKED = {
    ("eks", "CreateCluster"),
    ("eks", "CreateNodegroup"),
    ("rds", "CreateDBInstance"),
    ("elasticache", "CreateReplicationGroup"),
    ("ec2", "CreateNatGateway"),
    ("elasticloadbalancing", "CreateLoadBalancer"),
    ("autoscaling", "CreateAutoScalingGroup"),
}
"""Operations that make their service's linked role in an account without it."""

_TAGGING = {
    "rds": "rds:AddTagsToResource",
    "elasticache": "elasticache:AddTagsToResource",
    "eks": "eks:TagResource",
    "secretsmanager": "secretsmanager:TagResource",
    "kms": "kms:TagResource",
    "logs": "logs:TagResource",
    "elasticloadbalancing": "elasticloadbalancing:AddTags",
    "dynamodb": "dynamodb:TagResource",
    "ssm": "ssm:AddTagsToResource",
}
_IAM_TAGGING = {
    "CreateRole": "iam:TagRole",
    "CreateUser": "iam:TagUser",
    "CreatePolicy": "iam:TagPolicy",
    "CreateInstanceProfile": "iam:TagInstanceProfile",
    "CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
}
_ENCRYPTED = {
    ("rds", "CreateDBInstance"): ("KmsKeyId", "PerformanceInsightsKMSKeyId"),
    ("rds", "ModifyDBInstance"): ("PerformanceInsightsKMSKeyId",),
    ("elasticache", "CreateReplicationGroup"): ("KmsKeyId",),
    ("eks", "CreateCluster"): ("encryptionConfig.0.provider.keyArn",),
    ("eks", "AssociateEncryptionConfig"): ("encryptionConfig.0.provider.keyArn",),
}
"""Services that take a grant on the caller's behalf when they are given a key."""


def actions(service: str, operation: str, parameters: Parameters, account_id: str, region: str) -> list[str]:
    """IAM actions that come with the call, each as often as it is asked for."""
    called = (service, operation)
    found = ["iam:PassRole" for name in _PASSED_ROLES.get(called, ()) if parameters.get(name)]
    if called in _LINKED:
        found.append("iam:CreateServiceLinkedRole")
    tagging = _tagging(service, operation, parameters)
    if tagging:
        found.append(tagging)
    if any(parameters.get(name) for name in _ENCRYPTED.get(called, ())):
        found += ["kms:CreateGrant", "kms:DescribeKey"]
    if called == ("eks", "CreateNodegroup") and any(name.startswith("launchTemplate") for name in parameters):
        # EKS checks the caller's right to launch from a template of their own.
        found += ["ec2:RunInstances", "ec2:CreateTags"]
    if service == "secretsmanager":
        found += _secret_key(operation, parameters, account_id, region)
    if called == ("s3", "CreateBucket") and "x-amz-object-ownership" in parameters:
        found.append("s3:PutBucketOwnershipControls")
    return found


def _tagging(service: str, operation: str, parameters: Parameters) -> str | None:
    if not operation.startswith(("Create", "Run", "Allocate", "Authorize", "Put", "Copy")):
        return None
    if service == "ec2":
        return "ec2:CreateTags" if any(name.startswith("TagSpecification") for name in parameters) else None
    if not any(name.lower().startswith("tags.") for name in parameters):
        return None
    return _IAM_TAGGING.get(operation) if service == "iam" else _TAGGING.get(service)


def _secret_key(operation: str, parameters: Parameters, account_id: str, region: str) -> list[str]:
    """A secret under the customer's own key is read and written with the caller's right to the key."""
    key = parameters.get("KmsKeyId") or _key_of_secret(parameters.get("SecretId", ""), account_id, region)
    if not key or key.startswith("alias/aws/"):
        return []
    if operation == "GetSecretValue":
        return ["kms:Decrypt"]
    writes = operation == "PutSecretValue" or "SecretString" in parameters or "SecretBinary" in parameters
    return ["kms:GenerateDataKey", "kms:Decrypt"] if writes else []


def _key_of_secret(secret_id: str, account_id: str, region: str) -> str | None:
    models: Any = sys.modules.get("moto.secretsmanager.models")
    if models is None or not secret_id:
        return None
    secret = models.secretsmanager_backends[account_id][region].secrets.get(secret_id)
    key: str | None = getattr(secret, "kms_key_id", None)
    return key
