"""A sample of the crash points; `make crash` tries them all (docs/crash-points.md).

CRASH_SEED fixes the sample. The calls are named, so that no undisturbed environment is needed to know them.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.crash import sequences
from tests.crash.campaign import Campaign
from tests.crash.lab import Lab
from tests.crash.points import Operation, Point, Victim
from tests.crash.proxy import When

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

_SEED = int(os.environ.get("CRASH_SEED", "20261124"))
# What is made without its reply is the hardest to find again, so every kind of identity is among the creates.
_CREATES = (
    "ec2:CreateVpc", "ec2:CreateSubnet", "ec2:CreateSecurityGroup", "ec2:CreateRoute", "ec2:AssociateRouteTable",
    "ec2:AuthorizeSecurityGroupIngress", "iam:CreateRole", "iam:AttachRolePolicy", "iam:CreateInstanceProfile",
    "s3:CreateBucket", "secretsmanager:CreateSecret", "secretsmanager:PutSecretValue",
)  # fmt: skip
_UPDATES = ("ec2:CreateSubnet", "ec2:ModifySecurityGroupRules", "iam:DetachRolePolicy", "iam:PutRolePolicy")
_DESTROYS = ("ec2:DeleteVpc", "ec2:DeleteSubnet", "iam:DeleteRole", "s3:DeleteBucket", "secretsmanager:DeleteSecret")


def sample(chance: random.Random) -> list[Point]:
    """A create whose reply is lost, with the worker or with the whole machine, an update and a destroy."""
    return [
        Point(Operation.CREATE, chance.choice(_CREATES), 1, When.AFTER, chance.choice(list(Victim))),
        Point(Operation.UPDATE, chance.choice(_UPDATES), 1, chance.choice(list(When))),
        Point(Operation.DESTROY, chance.choice(_DESTROYS), 1, chance.choice(list(When))),
    ]


async def test_an_environment_converges_whatever_call_its_worker_dies_at(
    lab: Lab, record_property: Callable[[str, object], None]
) -> None:
    campaign = Campaign(lab, sample(random.Random(_SEED)))
    await campaign.run(lanes=1)
    told = [f"{crash.point}: {crash.again:.1f} s, {crash.seconds:.1f} s" for crash in campaign.crashes]
    record_property("told", "\n".join([f"seed {_SEED}", *told]))
    assert [crash for crash in campaign.crashes if crash.wrong] == [] == campaign.strange
    assert [crash.came for crash in campaign.crashes] == [True] * 3


async def test_an_environment_ends_as_the_model_says(lab: Lab) -> None:
    assert await sequences.one(lab, _SEED, length=3) == []
