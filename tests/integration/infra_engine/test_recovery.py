"""What a broken run left is adopted: real Terraform and its provider, against the sandbox's AWS."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from libs.aws_access import AwsAccess
from services.infra_engine.recovery.kinds import MadeAgain
from services.infra_engine.recovery.table import KINDS
from services.infra_engine.stacks.definition import StackRegistry
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, WorkFolder
from tests.integration.infra_engine.conftest import Cloud
from tests.integration.infra_engine.inputs import SMALL, STACKS
from tests.integration.infra_engine.recorded import are_allowed, called
from tests.integration.infra_engine.recovering import BrokenRun
from tests.integration.infra_engine.surroundings import EXTERNAL_ID, REGION, Customer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLATFORM = "111111111111"
ACCOUNT = "555555555555"
# Of its own, so that what is called there is the real stack's.
REAL = "666666666666"
SECRETS = {"postgres_password": "CanaryCanaryCanary42"}
STACKS_HERE = StackRegistry({**STACKS, "crash": "tests.crash.stack:CRASH"})


@pytest.fixture(scope="module")
def terraform(cloud: Cloud) -> LocalTerraform:
    return LocalTerraform(environment={**os.environ, **cloud.variables(PLATFORM)})


@pytest.fixture(scope="module")
def customer(cloud: Cloud) -> Customer:
    return Customer(cloud, ACCOUNT, PLATFORM)


@pytest.fixture
def access(cloud: Cloud, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccess]:
    """The platform's own credentials are this process's."""
    for name, value in cloud.variables(PLATFORM).items():
        monkeypatch.setenv(name, value)
    yield AwsAccess(ACCOUNT, REGION, customer.role, EXTERNAL_ID)


async def broken_run(
    terraform: LocalTerraform, customer: Customer, path: Path, given: StackInput, uid: str
) -> BrokenRun:
    synthesizer = ChildSynthesizer(STACKS_HERE)
    try:
        stack = await synthesizer.synthesize(customer.environment(given, uid))
    finally:
        await synthesizer.aclose()
    secrets = {name: SECRETS[name] for name in stack.secrets}
    run = BrokenRun(terraform, WorkFolder(path / "work"), stack, uid, secrets)
    await run.prepare()
    return run


def findable(addresses: frozenset[str]) -> frozenset[str]:
    return frozenset(one for one in addresses if not isinstance(KINDS[one.partition(".")[0]], MadeAgain))


async def test_nothing_is_made_twice_and_nothing_is_left(
    cloud: Cloud, terraform: LocalTerraform, customer: Customer, access: AwsAccess, tmp_path: Path
) -> None:
    before = cloud.inventory(ACCOUNT)
    run = await broken_run(terraform, customer, tmp_path, replace(SMALL, stack="crash"), "lost-all")
    await run.apply()
    made, whole = cloud.inventory(ACCOUNT), run.read().addresses()
    adopted = findable(whole)
    assert len(adopted) >= 13

    # All is lost but two that were interrupted; and what belongs to a lost one is found by it.
    kept = frozenset({"aws_vpc.vpc", "aws_iam_role.gateway_role"})
    run.lose(whole - kept, taint=kept)
    await run.recover(access)
    assert run.read().addresses() >= adopted
    assert not run.folder.adopted.exists()
    left = whole - adopted
    assert await run.plan() == dict.fromkeys(left, "create")
    await run.apply()
    assert await run.plan() == {}
    assert cloud.inventory(ACCOUNT) == made

    # A destroy of what no state tells of finds all of it as well, what is half made, and what AWS made twice.
    ec2 = customer.client("ec2")
    tags = [{"Key": "EnvironmentId", "Value": "lost-all"}]
    ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
    groups = ec2.describe_security_groups(Filters=[{"Name": "tag:EnvironmentId", "Values": ["lost-all"]}])
    for group in groups["SecurityGroups"]:
        everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_egress(GroupId=group["GroupId"], IpPermissions=[everywhere])
    run.lose(whole)
    await run.recover(access)
    groups = ec2.describe_security_groups(Filters=[{"Name": "tag:EnvironmentId", "Values": ["lost-all"]}])
    assert [one["IpPermissionsEgress"] for one in groups["SecurityGroups"]] == [[]]
    await run.apply(destroy=True)
    assert cloud.inventory(ACCOUNT) > before
    assert await run.look_again(access)
    await run.apply(destroy=True)
    assert not await run.look_again(access)
    assert cloud.inventory(ACCOUNT) == before


@pytest.mark.e2e
@pytest.mark.timeout(900)
async def test_the_real_stack_is_adopted_without_a_replacement(
    cloud: Cloud, terraform: LocalTerraform, access: AwsAccess, tmp_path: Path
) -> None:
    customer = await asyncio.to_thread(Customer, cloud, REAL, PLATFORM)
    access = AwsAccess(REAL, REGION, customer.role, EXTERNAL_ID)
    before = cloud.inventory(REAL)
    run = await broken_run(terraform, customer, tmp_path, SMALL, "lost-real")
    await run.apply()
    whole = run.read().addresses()
    adopted = findable(whole)
    tainted = frozenset({"aws_eks_cluster.cluster", "aws_db_instance.database"})
    run.lose(whole - tainted, taint=tainted)
    await run.recover(access)
    assert whole - run.read().addresses() <= whole - adopted
    planned = await run.plan()
    assert planned == dict.fromkeys(whole - run.read().addresses(), "create")
    run.lose(whole)
    await run.recover(access)
    assert SECRETS["postgres_password"].encode() not in run.folder.state.read_bytes()
    await run.apply(destroy=True)
    # The final snapshot is kept by policy, and nothing else.
    assert cloud.inventory(REAL) == before + 1
    actions = called(cloud.url, REAL)
    assert {"kms:ListKeys", "iam:GetUserPolicy"} <= actions
    are_allowed(actions)
