"""The key that everything of the environment is encrypted with: the cluster's secrets, nodes' disks, logs, the bucket,
the cache and the stored credentials. The customer's own if the document names one, else a key of the environment's own.

Builds the key, which AWS rotates every year, its alias, and its policy:

- the account's IAM decides who administers and uses it, as for every key;
- EC2 Auto Scaling launches the nodes, and must be able to give their encrypted disks to them. Its service-linked role
  is named by a condition and not as principal, because KMS refuses a policy that names a role which is not there yet,
  and in an account without any Auto Scaling group it is not;
- CloudWatch Logs of the region, for our log groups alone.

The database does not use a key of our own: its final snapshot outlives the environment, and a snapshot whose key is
deleted is lost. Deletion waits 30 days, so that copies which the customer made of a volume can be saved.
"""

from dataclasses import dataclass
from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.policies import document
from services.infra_engine.stacks.aws.shape import StackShape
from services.infra_engine.stacks.bindings import aws, create

_DELETION_DAYS = 30
_AUTO_SCALING = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]

kms_key = aws("kms_key")
kms_alias = aws("kms_alias")


@dataclass(frozen=True)
class Encryption:
    """`lasting_key_arn` is for what outlives the environment: the customer's key, or null, which is AWS's own."""

    key_arn: str
    lasting_key_arn: str


def build_encryption(stack: Any, inputs: Inputs, shape: StackShape) -> Encryption:
    given = inputs.text("kms_key_arn")
    if not shape.own_key:
        return Encryption(given, given)
    key = create(
        stack,
        kms_key.KmsKey,
        "key",
        description=f"Beta9 environment {inputs.name('base')}",
        enable_key_rotation=True,
        deletion_window_in_days=_DELETION_DAYS,
        policy=_policy(inputs),
        tags={"Name": inputs.name("base")},
    )
    create(stack, kms_alias.KmsAlias, "key_alias", name=inputs.name("key_alias"), target_key_id=key.ref("key_id"))
    return Encryption(key.ref("arn"), given)


def key_use(encryption: Encryption, actions: list[str], **conditions: dict[str, str]) -> dict[str, object]:
    """A statement that lets a role use the key."""
    statement: dict[str, object] = {"Effect": "Allow", "Action": actions, "Resource": encryption.key_arn}
    return {**statement, "Condition": conditions} if conditions else statement


def _policy(inputs: Inputs) -> str:
    auto_scaling = {
        "aws:PrincipalArn": inputs.arn("iam", _AUTO_SCALING, regional=False),
        "kms:CallerAccount": inputs.text("account_id"),
    }
    groups = [
        inputs.arn("logs", f"log-group:{name}")
        for name in (
            inputs.name("flow_log_group"),
            inputs.name("cluster_log_group"),
            f"/aws/rds/instance/{inputs.name('database')}/*",
        )
    ]
    return document(
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": inputs.arn("iam", "root", regional=False)},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "NodeDisks",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": _USE,
            "Resource": "*",
            "Condition": {"StringEquals": auto_scaling},
        },
        {
            "Sid": "NodeDiskGrants",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "kms:CreateGrant",
            "Resource": "*",
            "Condition": {"StringEquals": auto_scaling, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{inputs.text('region')}.amazonaws.com"},
            "Action": _USE,
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        },
    )
