"""The pre-flight simulates the role that the script made: it lacks nothing until a policy is taken away."""

from dataclasses import replace
from pathlib import Path

from services.infra_engine.preflight.actions import action_groups
from services.infra_engine.preflight.aws.iam import denied
from services.infra_engine.stacks.stack_input import AwsAccount
from tests.integration.infra_engine.inputs import PRODUCTION, SMALL

from .conftest import Account, run

NEEDED = ("--platform-account", "111111111111", "--external-id", "beta9-abc")


def test_nothing_is_denied_until_a_policy_is_gone(account: Account, stand_in: Path) -> None:
    role = run(account, stand_in, *NEEDED, "--bucket-prefix", "acme-").out
    where = AwsAccount(account.id, "us-east-1", role, "beta9-abc")
    iam = account.client("iam")
    acme = action_groups(replace(PRODUCTION, account=where))
    assert PRODUCTION.object_store.bucket_prefix == "acme"
    assert denied(iam, role, acme) == ()
    # Without a prefix of its own a document's bucket is out of this role's reach, and its state is not.
    elsewhere = denied(iam, role, action_groups(replace(SMALL, account=where)))
    assert {action.partition(":")[0] for action in elsewhere} == {"s3"}

    iam.detach_role_policy(RoleName="Beta9Provisioner", PolicyArn=f"{role.replace(':role/', ':policy/')}-destroy")
    lacking = denied(iam, role, acme)
    assert {"ec2:DeleteVpc", "eks:DeleteCluster", "rds:DeleteDBInstance", "kms:ScheduleKeyDeletion"} <= set(lacking)
    assert not {"ec2:CreateVpc", "rds:CreateDBInstance", "s3:PutObject"} & set(lacking)
