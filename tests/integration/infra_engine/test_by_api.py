"""What the engine does by AWS's API beside Terraform: the cache's auth token, passwords, and workspaces' buckets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from libs.aws_access import AwsAccess
from libs.embedded import onboarding
from libs.failures import Failure
from services.infra_engine import cache_token
from services.infra_engine.cache_token import CacheToken
from services.infra_engine.stack_secrets import stack_secrets
from services.infra_engine.workspace_buckets import WorkspaceBuckets
from tests.integration.sandbox_aws.conftest import Account, Cloud, become_platform, serve

CUSTOMER = "812222223333"
ACCESS = AwsAccess(CUSTOMER, "us-east-1", f"arn:aws:iam::{CUSTOMER}:role/Beta9Provisioner", "an-external-id")
GROUP, SECRET = "beta9-tokens", "beta9/tokens/redis"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with serve(tmp_path_factory.mktemp("sandbox"), "--without-kubernetes") as cloud:
        asyncio.run(onboarding.onboard(cloud.url, ACCESS.role_arn, ACCESS.external_id))
        yield cloud


@pytest.fixture
def customer(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The customer's account; what runs in this process is the platform."""
    become_platform(running, monkeypatch)
    return running.account(CUSTOMER)


@pytest.fixture
def cache(customer: Account) -> Iterator[Account]:
    """A replication group with TLS and no token, and an empty secret."""
    secrets, elasticache = customer.client("secretsmanager"), customer.client("elasticache")
    if not elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"]:
        elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=GROUP, CacheSubnetGroupDescription="tokens", SubnetIds=customer.network().subnet_ids
        )
    make_group(customer)
    secrets.create_secret(Name=SECRET)
    yield customer
    secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    elasticache.delete_replication_group(ReplicationGroupId=GROUP)


def make_group(customer: Account) -> None:
    """The replication group, without a token."""
    customer.client("elasticache").create_replication_group(
        ReplicationGroupId=GROUP,
        ReplicationGroupDescription="tokens",
        Engine="valkey",
        CacheNodeType="cache.t3.small",
        NumCacheClusters=1,
        CacheSubnetGroupName=GROUP,
        TransitEncryptionEnabled=True,
        TransitEncryptionMode="required",
    )


def taken(customer: Account) -> tuple[list[str], bool]:
    """The tokens that the group takes, and whether it takes whoever has none."""
    place = f"/sandbox/accounts/{CUSTOMER}/replication-groups/us-east-1/{GROUP}/tokens"
    answer = customer.cloud.ask("GET", place)
    return answer["tokens"], answer["without_token"]


def kept(customer: Account) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        customer.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]
    )
    return found


async def test_a_token_is_kept_and_then_the_only_one_that_is_taken(cache: Account) -> None:
    said: list[str] = []
    await CacheToken(ACCESS, GROUP, SECRET, 1).ensure(said.append)
    first = kept(cache)
    assert (first["version"], first["progress"]) == (1, "set")
    assert taken(cache) == ([first["auth_token"]], False)
    assert not any(first["auth_token"] in line for line in said)

    await CacheToken(ACCESS, GROUP, SECRET, 1).ensure(said.append)
    assert kept(cache) == first

    await CacheToken(ACCESS, GROUP, SECRET, 2).ensure(said.append)
    second = kept(cache)
    assert second["version"] == 2 and second["auth_token"] != first["auth_token"]
    assert taken(cache) == ([second["auth_token"]], False)


@pytest.mark.parametrize("calls", range(5))
async def test_whoever_goes_on_after_a_crash_ends_with_the_same_token(
    cache: Account, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """Ended before each write of the secret and each change of the group in turn."""
    left = calls

    def mortal(patch: pytest.MonkeyPatch, name: str, owner: Any) -> None:
        real = getattr(owner, name)

        def call(*arguments: Any) -> Any:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            return real(*arguments)

        patch.setattr(owner, name, call)

    token = CacheToken(ACCESS, GROUP, SECRET, 1)
    with monkeypatch.context() as patch:
        mortal(patch, "write_secret", cache_token)
        mortal(patch, "_modify", CacheToken)
        with pytest.raises(KeyboardInterrupt):
            await token.ensure(lambda line: None)
    await token.ensure(lambda line: None)
    assert taken(cache) == ([kept(cache)["auth_token"]], False)


async def test_a_token_that_somebody_took_away_is_set_again(cache: Account) -> None:
    token = CacheToken(ACCESS, GROUP, SECRET, 1)
    await token.ensure(lambda line: None)
    cache.client("elasticache").delete_replication_group(ReplicationGroupId=GROUP)
    make_group(cache)
    assert taken(cache) == ([], True)
    await token.ensure(lambda line: None)
    assert taken(cache) == ([kept(cache)["auth_token"]], False)


async def test_a_password_is_used_again_until_a_newer_one_is_wished(customer: Account) -> None:
    secrets = customer.client("secretsmanager")
    name = "beta9/passwords/postgres"
    secrets.create_secret(Name=name, SecretString=json.dumps({"username": "beta9", "password": "old"}))

    async def password(version: int) -> str:
        variables = {"names": {"database_secret": name}, "postgres_password_version": version}
        return (await stack_secrets(ACCESS, frozenset({"postgres_password"}), variables))["postgres_password"]

    assert await password(1) == "old"
    rotated = await password(2)
    assert rotated != "old" and rotated.isalnum() and len(rotated) == 32
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps({"password": rotated, "version": 2}))
    assert await password(2) == rotated
    secrets.put_secret_value(SecretId=name, SecretString="no JSON")
    assert await password(1) != rotated


async def test_workspace_buckets_are_found_by_their_prefix_and_emptied_whole(customer: Account) -> None:
    s3 = customer.client("s3")
    for name in ("beta9-abc-one", "beta9-abc-two", "beta9-abcd-other", "beta9-abc"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket="beta9-abc-one", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="beta9-abc-one", Key="file", Body=body)
    s3.delete_object(Bucket="beta9-abc-one", Key="file")
    s3.put_object(Bucket="beta9-abc-two", Key="file", Body=b"3")
    buckets = WorkspaceBuckets(ACCESS, "beta9-abc", path_style=True)
    assert buckets.find() == ["beta9-abc-one", "beta9-abc-two"]
    said: list[str] = []
    for name in buckets.find():
        buckets.delete(name, said.append)
    assert said == [
        "deleted the workspace bucket beta9-abc-one with 3 object versions",
        "deleted the workspace bucket beta9-abc-two with 1 object versions",
    ]
    assert buckets.find() == []
    buckets.delete("beta9-abc-one", said.append)  # gone already
    assert {one["Name"] for one in s3.list_buckets()["Buckets"]} == {"beta9-abcd-other", "beta9-abc"}


async def test_a_role_that_may_not_is_told_what_it_lacks(customer: Account) -> None:
    nobody = AwsAccess(CUSTOMER, "us-east-1", f"arn:aws:iam::{CUSTOMER}:role/Nobody", "an-external-id")
    with pytest.raises(Failure) as caught:
        WorkspaceBuckets(nobody, "beta9-abc", path_style=True).find()
    assert caught.value.reason == "ROLE_NOT_ASSUMABLE"
