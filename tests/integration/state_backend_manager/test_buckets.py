"""The state bucket in a sandbox's account: made once, the same after, mended when it lost what protects it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from libs.failures import Failure
from services.state_backend_manager.buckets import Buckets, bucket_name
from tests.integration.sandbox_aws.conftest import Account, Cloud
from tests.integration.state_backend_manager.conftest import ACCESS

BUCKETS = Buckets(path_style=True)


def protection(s3: Any, bucket: str) -> dict[str, object]:
    """What protects a bucket, as the account's owner sees it."""
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    return {
        "versioning": s3.get_bucket_versioning(Bucket=bucket).get("Status"),
        "encryption": encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "public": set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()),
        "denied": [(one["Effect"], one["Condition"]) for one in policy],
        "kept days": [rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in lifecycle],
    }


WHOLE = {
    "versioning": "Enabled",
    "encryption": "aws:kms",
    "public": {True},
    "denied": [("Deny", {"Bool": {"aws:SecureTransport": "false"}})],
    "kept days": [180],
}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_it_is_made_once_and_the_same_after(customer: Account, region: str) -> None:
    access = replace(ACCESS, region=region)
    bucket = bucket_name(access)
    assert BUCKETS.ensure(access, bucket)
    s3 = customer.client("s3", region=region)
    s3.put_object(Bucket=bucket, Key="state", Body=b"one")
    assert BUCKETS.ensure(access, bucket)
    assert s3.get_object(Bucket=bucket, Key="state")["Body"].read() == b"one"
    assert protection(s3, bucket) == WHOLE
    assert (s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1") == region


def test_what_it_lost_comes_back(customer: Account) -> None:
    bucket = bucket_name(ACCESS)
    assert BUCKETS.ensure(ACCESS, bucket)
    s3 = customer.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    assert BUCKETS.ensure(ACCESS, bucket)
    assert protection(s3, bucket) == WHOLE


def test_another_accounts_bucket_of_the_name_is_never_used(cloud: Cloud, customer: Account) -> None:
    """Bucket names are the world's: whoever has taken ours must not be handed the state, passwords and all."""
    access = replace(ACCESS, region="us-west-2")
    thief = cloud.account().client("s3", region="us-west-2")
    place = {"LocationConstraint": "us-west-2"}
    thief.create_bucket(Bucket=bucket_name(access), CreateBucketConfiguration=place)
    with pytest.raises(Failure) as caught:
        BUCKETS.ensure(access, bucket_name(access))
    assert (caught.value.reason, caught.value.retryable) == ("STATE_BUCKET_NOT_USABLE", False)
    assert "Contents" not in thief.list_objects_v2(Bucket=bucket_name(access))


def test_a_bucket_of_the_customers_own_stays_as_it_is_and_must_keep_versions(customer: Account) -> None:
    s3 = customer.client("s3")
    s3.create_bucket(Bucket="theirs")
    s3.put_object(Bucket="theirs", Key="a", Body=b"a")
    with pytest.raises(Failure) as caught:
        BUCKETS.ensure(ACCESS, "theirs", 30)
    assert caught.value.reason == "STATE_BUCKET_NOT_VERSIONED"
    s3.put_bucket_versioning(Bucket="theirs", VersioningConfiguration={"Status": "Enabled"})
    assert not BUCKETS.ensure(ACCESS, "theirs", 30)
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_bucket_policy(Bucket="theirs")
    assert "platform" in BUCKETS.remove(ACCESS, "theirs", "")
    s3.head_bucket(Bucket="theirs")


def test_a_creation_that_was_interrupted_is_gone_on_with(customer: Account) -> None:
    s3 = customer.client("s3")
    s3.create_bucket(Bucket="half-made")
    assert BUCKETS.ensure(ACCESS, "half-made", 30)
    assert protection(s3, "half-made") == {**WHOLE, "kept days": [30]}


def test_a_bucket_goes_with_all_its_versions_but_not_with_anothers_objects(customer: Account) -> None:
    s3 = customer.client("s3")
    assert BUCKETS.ensure(ACCESS, "named", 30)
    assert protection(s3, "named") == {**WHOLE, "kept days": [30]}
    for key in ("workspaces/a/one", "workspaces/a/one", "workspaces/b/two"):
        s3.put_object(Bucket="named", Key=key, Body=b"state")
    s3.delete_object(Bucket="named", Key="workspaces/a/one")
    assert "workspaces/a/" in BUCKETS.remove(ACCESS, "named", "workspaces/a/")
    assert len(s3.list_object_versions(Bucket="named")["Versions"]) == 3
    assert BUCKETS.remove(ACCESS, "named", "workspaces/") == ""
    assert BUCKETS.remove(ACCESS, "named", "workspaces/") == ""
    assert "named" not in [one["Name"] for one in s3.list_buckets()["Buckets"]]
