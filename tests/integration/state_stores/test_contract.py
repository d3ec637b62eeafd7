"""What every kind of store promises, the same for all."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest

from libs.failures import Failure, Kind
from libs.state_stores import StoreKind, WrittenByAnother
from tests.integration.sandbox_aws.conftest import Cloud
from tests.integration.state_stores.conftest import CUSTOMER, Place

pytestmark = pytest.mark.integration

INFO = {"ID": "their-id", "Who": "ann@laptop", "Operation": "OperationTypePlan", "Created": "2026-11-24T10:00:00Z"}


async def test_there_is_nothing_at_first(place: Place) -> None:
    store = place.store()
    assert await store.read() is None and await store.holder() is None
    assert await store.read("12345") is None
    await store.unlock()
    assert not await store.break_lock("any")


async def test_what_is_written_is_read_and_every_version_stays(place: Place) -> None:
    store = place.store()
    first = await store.write(b"one", over=None, fence=1, run="r1")
    second = await store.write(b"two", over=first.etag, fence=2, run="r2")
    assert first.object_version and first.object_version != second.object_version
    assert await place.store().read() == second
    assert (second.raw, second.fence, second.run) == (b"two", 2, "r2")
    assert await place.store().read(first.object_version) == first
    if place.digest is not None:
        assert place.digest() == hashlib.md5(b"two").hexdigest()


async def test_a_write_over_what_is_not_there_any_more_fails(place: Place) -> None:
    store = place.store()
    first = await store.write(b"one", over=None, fence=1, run="r1")
    second = await store.write(b"two", over=first.etag, fence=2, run="r2")
    for over in (None, first.etag):
        with pytest.raises(WrittenByAnother):
            await place.store().write(b"zombie", over=over, fence=1, run="r1")
    # An outsider's write, too, is not written over unseen.
    place.put(place.location.key, b"outsider")
    with pytest.raises(WrittenByAnother):
        await store.write(b"three", over=second.etag, fence=2, run="r2")
    read = await store.read()
    assert read is not None and (read.raw, read.fence, read.run) == (b"outsider", 0, "")


async def test_a_write_whose_answer_was_lost_is_answered_again(place: Place) -> None:
    first = await place.store().write(b"one", over=None, fence=1, run="r1")
    assert await place.store().write(b"one", over=None, fence=1, run="r1") == first
    second = await place.store().write(b"two", over=first.etag, fence=1, run="r1")
    assert await place.store().write(b"two", over=first.etag, fence=1, run="r1") == second
    # The same content of another owner is another's.
    with pytest.raises(WrittenByAnother):
        await place.store().write(b"two", over=first.etag, fence=2, run="r1")


async def test_of_many_writers_at_once_one_wins(place: Place) -> None:
    first = await place.store().write(b"one", over=None, fence=1, run="r1")
    writes = (place.store().write(f"{n}".encode(), over=first.etag, fence=n, run=f"r{n}") for n in range(2, 7))
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert sorted(isinstance(one, WrittenByAnother) for one in answers) == [False, True, True, True, True]
    (won,) = [one for one in answers if not isinstance(one, BaseException)]
    assert await place.store().read() == won


async def test_our_lock_is_seen_by_outsiders_and_taken_over_by_the_next_run(place: Place) -> None:
    await place.store().lock(run="r1", operation="OperationTypeApply", created="now")
    content = place.lock_content()
    assert content is not None
    assert (content["ID"], content["Operation"], content["Created"]) == ("r1", "OperationTypeApply", "now")
    assert content["Path"] == f"{place.location.bucket}/{place.location.key}"
    await place.store().lock(run="r2", operation="OperationTypeApply", created="later")
    content = place.lock_content()
    assert content is not None and content["ID"] == "r2"
    held = await place.store().holder()
    assert held is not None and held.ours and held.created == "later"
    await place.store().unlock()
    assert place.lock_content() is None and await place.store().holder() is None


async def test_an_outsiders_lock_is_never_broken_but_by_its_id(place: Place) -> None:
    lock_id = place.lock_as_terraform(INFO)
    with pytest.raises(Failure) as caught:
        await place.store().lock(run="r1", operation="OperationTypeApply", created="now")
    failure = caught.value
    assert (failure.reason, failure.kind, failure.retryable) == ("STATE_LOCKED", Kind.ABORTED, True)
    assert "ann@laptop" in failure.message and lock_id in failure.remedy
    await place.store().unlock()
    held = await place.store().holder()
    assert held is not None
    assert (held.id, held.who, held.operation, held.ours) == (lock_id, "ann@laptop", "OperationTypePlan", False)
    assert not await place.store().break_lock(f"{lock_id}0") and place.lock_content() == INFO
    assert await place.store().break_lock(lock_id)
    assert place.lock_content() is None
    await place.store().lock(run="r1", operation="OperationTypeApply", created="now")


async def test_a_bucket_that_is_not_there_is_a_failure_and_not_another_writer(place: Place) -> None:
    away = replace(place, location=replace(place.location, bucket="not-there-at-all"))
    for call in (
        away.store().write(b"one", over=None, fence=1, run="r1"),
        away.store().write(b"one", over="12345", fence=1, run="r1"),
    ):
        with pytest.raises(Failure) as caught:
            await call
        assert caught.value.resource_address == away.location.uri


@pytest.mark.parametrize("place", [StoreKind.S3.value], indirect=True)
async def test_the_customers_key_encrypts_state_and_lock(place: Place, cloud: Cloud) -> None:
    key = f"arn:aws:kms:us-east-1:{CUSTOMER}:key/1234"
    own = replace(place, location=replace(place.location, kms_key=key))
    first = await own.store().write(b"one", over=None, fence=1, run="r1")
    await own.store().write(b"two", over=first.etag, fence=1, run="r1")
    await own.store().lock(run="r1", operation="OperationTypeApply", created="now")
    s3 = cloud.account(CUSTOMER).client("s3")
    for name in (own.location.key, own.location.lock_key):
        head = s3.head_object(Bucket=own.location.bucket, Key=name)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
