"""What failed, what is another's, what would be lost and what no document has any more: real Terraform, one way through
all of it, against the sandbox's AWS."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.aws_access import AwsAccess
from libs.failures import Failure
from services.infra_engine.terraform import LocalTerraform, WorkFolder
from tests.integration.infra_engine.conftest import Cloud
from tests.integration.infra_engine.recovering import BrokenRun, nothing
from tests.integration.infra_engine.recovery_stack import CLUSTER, ROLE, SECRET, network, nodes, stack
from tests.integration.infra_engine.surroundings import EXTERNAL_ID, REGION, Customer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLATFORM = "111111111111"
ACCOUNT = "555555555556"
UID = "mended"
OURS = [{"Key": "EnvironmentId", "Value": UID}]
THEIRS = [{"Key": "EnvironmentId", "Value": "another"}]
GROUP = "aws_eks_node_group.system"


@pytest.fixture(scope="module")
def customer(cloud: Cloud) -> Customer:
    return Customer(cloud, ACCOUNT, PLATFORM)


@pytest.fixture
def access(cloud: Cloud, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccess]:
    """The platform's own credentials are this process's."""
    for name, value in cloud.variables(PLATFORM).items():
        monkeypatch.setenv(name, value)
    yield AwsAccess(ACCOUNT, REGION, customer.role, EXTERNAL_ID)


class Surroundings:
    """What the way finds in the account, and does there by hand."""

    def __init__(self, customer: Customer) -> None:
        self.ec2, self.iam, self.kms = (customer.client(name) for name in ("ec2", "iam", "kms"))
        self.eks, self.secrets = customer.client("eks"), customer.client("secretsmanager")
        self.key = self.kms.create_key()["KeyMetadata"]["Arn"]

    def subnets(self) -> list[str]:
        """Of the account's default network, in zones that EKS takes."""
        filters = [{"Name": "default-for-az", "Values": ["true"]}]
        found = self.ec2.describe_subnets(Filters=filters)["Subnets"]
        return [one["SubnetId"] for one in found if one["AvailabilityZoneId"] != "use1-az3"][:2]

    def let_disks_use_the_key(self) -> None:
        everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
        self.kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=policy)

    def group(self) -> dict[str, Any]:
        found = self.ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["nodes"]}])
        (one,) = found["SecurityGroups"]
        return dict(one)

    def make_group_otherwise(self) -> None:
        """A security group of the same name and tags, that says what only a replacement could change."""
        old = self.group()
        self.ec2.delete_security_group(GroupId=old["GroupId"])
        tags = [{"ResourceType": "security-group", "Tags": OURS}]
        self.ec2.create_security_group(
            GroupName="nodes", Description="By hand", VpcId=old["VpcId"], TagSpecifications=tags
        )

    def cidrs(self) -> list[str]:
        found = self.ec2.describe_subnets(Filters=[{"Name": "tag:EnvironmentId", "Values": [UID]}])
        return sorted(one["CidrBlock"] for one in found["Subnets"])

    def node_group(self) -> dict[str, Any]:
        (name,) = self.eks.list_nodegroups(clusterName=CLUSTER)["nodegroups"]
        return dict(self.eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName=name)["nodegroup"])


def tainted(run: BrokenRun) -> list[str]:
    return [
        f"{one['type']}.{one['name']}"
        for one in run.read().document()["resources"]
        if one["instances"][0].get("status") == "tainted"
    ]


def files(run: BrokenRun) -> set[str]:
    return {one.name for one in run.folder.path.iterdir()}


async def test_a_run_that_broke_in_every_way_at_once(
    cloud: Cloud, customer: Customer, access: AwsAccess, tmp_path: Path
) -> None:
    there = Surroundings(customer)
    cluster = nodes(there.subnets(), there.key)
    grown, small = (stack(UID, network(grown=one), cluster) for one in (True, False))
    terraform = LocalTerraform(environment={**os.environ, **cloud.variables(ACCOUNT)})
    run = BrokenRun(terraform, WorkFolder(tmp_path / "work"), grown, UID, {})
    await run.prepare()

    # A secret that an earlier run left, a role of another environment under our name, a key that disks may not use.
    secret = there.secrets.create_secret(Name=SECRET, Tags=OURS)["ARN"]
    there.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}", Tags=THEIRS)
    with pytest.raises(Failure) as caught:
        await run.apply()
    assert caught.value.reason == "RESOURCE_ALREADY_EXISTS"
    run.read()
    assert (tainted(run), there.node_group()["status"]) == ([GROUP], "CREATE_FAILED")

    # The worker dies before it wrote the last of it, and the document that comes next has a subnet less.
    run.lose(frozenset({"aws_subnet.subnet_b", "aws_security_group.nodes", GROUP}))
    there.make_group_otherwise()
    run.broken, run.synthesized = grown, small
    before, group, inventory = run.read(), there.group(), cloud.inventory(ACCOUNT)
    known = files(run)
    with pytest.raises(Failure) as caught:
        await run.recover(access)
    assert (caught.value.reason, caught.value.retryable) == ("ADOPTION_WOULD_REPLACE", False)
    assert caught.value.metadata["addresses"] == caught.value.resource_address == "aws_security_group.nodes"
    assert (there.group(), cloud.inventory(ACCOUNT), run.read().raw) == (group, inventory, before.raw)
    assert (run.shipped, files(run)) == ([], known)
    assert run.folder.config.read_bytes() == small.main_tf_json

    # The cause is gone. What is ours is adopted, what failed to be replaced, and what is another's is not.
    there.ec2.delete_security_group(GroupId=group["GroupId"])
    await run.recover(access)
    assert tainted(run) == [GROUP]
    assert run.read().addresses() >= {"aws_subnet.subnet_b", "aws_secretsmanager_secret.database_secret"}
    assert "aws_iam_role.gateway_role" not in run.read().addresses()
    assert there.iam.list_role_tags(RoleName=ROLE)["Tags"] == THEIRS
    assert files(run) == known

    there.iam.delete_role(RoleName=ROLE)
    there.let_disks_use_the_key()
    assert await run.plan() == {
        "aws_subnet.subnet_b": "delete",
        "aws_security_group.nodes": "create",
        "aws_iam_role.gateway_role": "create",
        GROUP: "replace",
    }
    await run.change(nothing)
    assert (tainted(run), there.node_group()["status"]) == ([], "ACTIVE")
    assert there.cidrs() == ["10.0.0.0/24"]
    assert there.secrets.describe_secret(SecretId=SECRET)["ARN"] == secret
    assert {"aws_secretsmanager_secret.database_secret", "aws_iam_role.gateway_role"} <= run.read().addresses()
    assert len(run.read().addresses()) == 10
