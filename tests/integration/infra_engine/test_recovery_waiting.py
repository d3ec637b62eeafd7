"""What AWS is still at is waited for: a sandbox that takes its time."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.aws_access import AwsAccess
from libs.failures import Actor, Failure
from libs.stages import Stopped
from libs.stages.retries import mends_itself
from services.infra_engine.recovery import recover
from services.infra_engine.terraform import LocalTerraform, WorkFolder, empty_state
from services.infra_engine.terraform.work_folder import replace_file
from tests.integration.infra_engine.recovering import BrokenRun
from tests.integration.infra_engine.recovery_stack import stack
from tests.integration.infra_engine.surroundings import EXTERNAL_ID, REGION, Customer
from tests.integration.sandbox_aws.conftest import Cloud, serve

PLATFORM = "111111111111"
ACCOUNT = "555555555557"
UID = "waiting"
NAME = "beta9-waiting-cache"
ADDRESS = "aws_elasticache_replication_group.cache"
# 480 s of AWS's: long enough for what must see it in the middle, and nothing but waiting.
FACTOR = "40"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with serve(tmp_path_factory.mktemp("slow"), "--without-kubernetes", "--waits-factor", FACTOR) as running:
        yield running


@pytest.fixture(scope="module")
def customer(slow: Cloud) -> Customer:
    return Customer(slow, ACCOUNT, PLATFORM)


@pytest.fixture
def access(slow: Cloud, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> AwsAccess:
    for name, value in slow.variables(PLATFORM).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(recover, "_POLL_SECONDS", 0.2)
    return AwsAccess(ACCOUNT, REGION, customer.role, EXTERNAL_ID)


def interrupted(path: Path) -> BrokenRun:
    """A run that was ended while the cache was made, so that the state has it as tainted."""
    cache = {"replication_group_id": NAME, "description": "of a test"}
    given = stack(UID, {"aws_elasticache_replication_group": {"cache": cache}})
    run = BrokenRun(LocalTerraform(), WorkFolder(path / "work"), given, UID, {})
    run.folder.prepare(given.main_tf_json, given.variables)
    document = empty_state().document()
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    instance = {"schema_version": 2, "status": "tainted", "attributes": {"id": NAME, "replication_group_id": NAME}}
    document["resources"] = [
        {"mode": "managed", "type": "aws_elasticache_replication_group", "name": "cache", "provider": provider,
         "instances": [instance]}
    ]  # fmt: skip
    replace_file(run.folder.state, json.dumps(document).encode())
    run.read()
    return run


def make_cache(customer: Customer) -> Any:
    elasticache, ec2 = customer.client("elasticache"), customer.client("ec2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName=NAME, CacheSubnetGroupDescription="of a test", SubnetIds=subnets
    )
    elasticache.create_replication_group(
        ReplicationGroupId=NAME, ReplicationGroupDescription="of a test", Engine="valkey", CacheSubnetGroupName=NAME,
        CacheNodeType="cache.t3.small", NumCacheClusters=1, Tags=[{"Key": "EnvironmentId", "Value": UID}],
    )  # fmt: skip
    return elasticache


async def test_what_is_still_made_is_waited_for_and_kept(
    customer: Customer, access: AwsAccess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = interrupted(tmp_path)
    await run.prepare()
    elasticache = make_cache(customer)

    def status() -> str:
        (one,) = elasticache.describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"]
        return str(one["Status"])

    # No longer than AWS may take.
    before = run.read()
    with monkeypatch.context() as patch, pytest.raises(Failure) as caught:
        patch.setattr(recover, "_LONGEST_WAIT_SECONDS", 0.1)
        await run.recover(access)
    assert (caught.value.reason, caught.value.actor) == ("AWS_TIMEOUT", Actor.CLOUD_PROVIDER)
    assert mends_itself(caught.value) and caught.value.resource_address == ADDRESS

    # No longer than the attempt is wanted: at once, though the next look were a minute away.
    run.context.said.clear()
    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(recover, "_POLL_SECONDS", 60)
        recovering = asyncio.create_task(run.recover(access))
        async with asyncio.timeout(30):
            while not run.context.said:
                await asyncio.sleep(0.01)
            run.context.stop.set()
            await recovering
    assert (run.read().raw, run.shipped, status()) == (before.raw, [], "creating")

    run.context.stop.clear()
    run.context.said.clear()
    await run.recover(access)
    assert status() == "available"
    assert run.context.said[0] == f"AWS is still at {ADDRESS}: waiting for it"
    assert "status" not in run.read().document()["resources"][0]["instances"][0]
    assert [one.raw for one in run.shipped] == [run.read().raw]


@pytest.mark.parametrize(
    ("code", "reason", "by_itself"),
    [
        ("InternalFailure", "AWS_CALL_FAILED", True),
        ("AccessDenied", "AWS_PERMISSION_DENIED", False),
        ("ExpiredToken", "PLATFORM_CREDENTIALS_INVALID", True),
    ],
)
async def test_an_error_while_it_is_looked_for_is_typed(
    slow: Cloud, access: AwsAccess, tmp_path: Path, code: str, reason: str, by_itself: bool
) -> None:
    run = interrupted(tmp_path)
    slow.fail("elasticache", "DescribeReplicationGroups", code, count=20)
    try:
        with pytest.raises(Failure) as caught:
            await run.recover(access)
    finally:
        slow.mend()
    assert (caught.value.reason, mends_itself(caught.value)) == (reason, by_itself)
    assert caught.value.resource_address == ADDRESS
    assert run.shipped == []


async def test_aws_that_does_not_answer_is_tried_again_by_itself(
    access: AwsAccess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", "http://127.0.0.1:9")
    with pytest.raises(Failure) as caught:
        await interrupted(tmp_path).recover(access)
    assert (caught.value.reason, mends_itself(caught.value)) == ("AWS_UNREACHABLE", True)
