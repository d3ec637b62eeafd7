"""A state shipped to the sandbox's S3: by one owner, by the next, by a zombie, beside an outsider's lock."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from libs.aws_access import AwsAccess
from libs.embedded import cloud as accounts
from libs.embedded import onboarding
from libs.failures import Failure
from libs.stages import LeaseLost
from libs.state_stores import StateLocation, StateStore, StoredState, open_store
from services.infra_engine.shipping import StateShipper
from services.infra_engine.terraform import StateSnapshot, WorkFolder, parse_state
from tests.integration.infra_engine.conftest import Cloud

CUSTOMER = "611122223333"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/Beta9Provisioner"
ACCESS = AwsAccess(CUSTOMER, "us-east-1", ROLE, "an-external-id")


@dataclass
class Ledger:
    """Keeps what is recorded."""

    recorded: list[tuple[int, int]] = field(default_factory=list)

    async def record(self, snapshot: StateSnapshot, stored: StoredState) -> None:
        self.recorded.append((snapshot.serial, stored.fence))


@dataclass
class Place:
    """One environment's object in a bucket of its own, and a work folder."""

    cloud: Cloud
    bucket: str
    folder: WorkFolder
    s3: Any
    ledger: Ledger = field(default_factory=Ledger)

    def store(self) -> StateStore:
        return open_store(ACCESS, StateLocation(self.bucket, "state", ACCESS.region), path_style=True)

    def owner(self, fence: int) -> StateShipper:
        return StateShipper(self.store(), self.ledger, run=f"run-{fence}", fence=fence)


@pytest.fixture
def place(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name, value in cloud.variables(accounts.PLATFORM_ACCOUNT).items():
        monkeypatch.setenv(name, value)
    asyncio.run(onboarding.onboard(cloud.url, ROLE, ACCESS.external_id))
    key = cloud.variables(CUSTOMER)
    s3 = boto3.client(
        "s3",
        endpoint_url=cloud.url,
        region_name="us-east-1",
        aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
    )
    bucket = f"state-{tmp_path.name.replace('_', '-').lower()[:50]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    (tmp_path / "work").mkdir()
    return Place(cloud, bucket, WorkFolder(tmp_path / "work"), s3)


def state(serial: int) -> StateSnapshot:
    raw = json.dumps({"version": 4, "serial": serial, "lineage": "one", "resources": []}).encode()
    found = parse_state(raw)
    assert found is not None
    return found


async def test_the_first_run_starts_with_nothing_and_ships_each_state(place: Place) -> None:
    shipper = place.owner(1)
    assert await shipper.start(place.folder) is None

    await shipper.ship(state(1))
    await shipper.ship(state(2))

    stored = await place.store().read()
    assert stored is not None
    assert json.loads(stored.raw)["serial"] == 2
    assert (stored.fence, stored.run) == (1, "run-1")
    assert place.ledger.recorded == [(1, 1), (2, 1)]


async def test_a_zombie_writes_nothing_once_the_next_owner_has_started(place: Place) -> None:
    zombie = place.owner(1)
    await zombie.start(place.folder)
    await zombie.ship(state(1))

    await place.owner(2).start(place.folder)

    with pytest.raises(LeaseLost):
        await zombie.ship(state(2))
    with pytest.raises(LeaseLost):
        await place.owner(1).start(place.folder)


@pytest.mark.parametrize("local", [b"", b'{"version": 4, "ser', None])
async def test_a_torn_or_missing_local_state_gives_way_to_the_shipped_one(place: Place, local: bytes | None) -> None:
    first = place.owner(1)
    await first.start(place.folder)
    await first.ship(state(5))
    if local is not None:
        place.folder.state.write_bytes(local)

    started = await place.owner(2).start(place.folder)

    assert started is not None and started.serial == 5
    assert json.loads(place.folder.state.read_bytes())["serial"] == 5


@pytest.mark.parametrize("local", [b"", b'{"version": 4, "ser', None])
async def test_a_run_ended_before_its_first_resource_is_gone_on_with(place: Place, local: bytes | None) -> None:
    """Terraform leaves an empty file then, which is not to be told from one that was cut in a write."""
    first = place.owner(1)
    assert await first.start(place.folder) is None
    begun = await first.begin(place.folder)
    assert place.folder.state.read_bytes() == begun.raw
    if local is None:
        place.folder.state.unlink()
    else:
        place.folder.state.write_bytes(local)

    started = await place.owner(2).start(place.folder)

    assert started is not None and (started.lineage, started.addresses()) == (begun.lineage, frozenset())
    assert place.ledger.recorded == [(1, 1), (1, 2)]


async def test_a_write_that_fails_is_tried_again_and_nothing_goes_on_before_the_state_is_safe(place: Place) -> None:
    shipper = place.owner(1)
    await shipper.start(place.folder)
    await shipper.ship(state(1))
    place.folder.state.write_bytes(state(2).raw)
    place.cloud.fail("s3", "PutObject", "ExpiredToken", count=3)

    shipping = asyncio.create_task(shipper.ship(state(2)))
    async with asyncio.timeout(20):
        while not shipping.done():
            stored = await place.store().read()
            assert stored is not None
            # Until it returns, nothing is on record that the bucket does not have.
            assert place.ledger.recorded[-1][0] <= json.loads(stored.raw)["serial"]
            await asyncio.sleep(0.02)
    await shipping

    assert place.ledger.recorded == [(1, 1), (2, 1)]
    assert place.folder.state.read_bytes() == state(2).raw


async def test_a_run_whose_state_was_never_safe_leaves_it_to_the_next_one(place: Place) -> None:
    first = place.owner(1)
    await first.start(place.folder)
    await first.ship(state(1))
    place.folder.state.write_bytes(state(2).raw)
    place.cloud.fail("s3", "PutObject", "ExpiredToken", count=100)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await first.ship(state(2))
    place.cloud.mend()

    started = await place.owner(2).start(place.folder)

    assert started is not None and started.serial == 2
    stored = await place.store().read()
    assert stored is not None and json.loads(stored.raw)["serial"] == 2


async def test_what_an_operator_rolled_back_to_wins_over_what_was_never_shipped(place: Place) -> None:
    first = place.owner(1)
    await first.start(place.folder)
    await first.ship(state(5))
    place.folder.state.write_bytes(state(9).raw)
    shipped = await place.store().read()
    assert shipped is not None
    await place.store().write(state(1005).raw, over=shipped.etag, fence=2, run="roll-back-1")

    started = await place.owner(3).start(place.folder)

    assert started is not None and started.serial == 1005
    assert json.loads(place.folder.state.read_bytes())["serial"] == 1005


async def test_a_newer_local_state_is_shipped_before_anything_else(place: Place) -> None:
    first = place.owner(1)
    await first.start(place.folder)
    await first.ship(state(5))
    place.folder.state.write_bytes(state(6).raw)

    started = await place.owner(2).start(place.folder)

    assert started is not None and started.serial == 6
    assert place.ledger.recorded[-1] == (6, 2)


async def test_a_write_whose_answer_was_lost_is_known_again(place: Place) -> None:
    await place.store().write(state(1).raw, over=None, fence=1, run="run-1")

    again = await place.store().write(state(1).raw, over=None, fence=1, run="run-1")

    assert (again.raw, again.fence) == (state(1).raw, 1)


async def test_an_outsiders_lock_is_respected_and_a_run_of_ours_taken_over(place: Place) -> None:
    created = "2026-01-01T00:00:00Z"
    await place.store().lock(run="run-1", operation="OperationTypeApply", created=created)
    await place.store().lock(run="run-2", operation="OperationTypeApply", created=created)
    await place.store().unlock()
    lock = {"ID": "4711", "Who": "ann@desk", "Operation": "OperationTypePlan"}
    place.s3.put_object(Bucket=place.bucket, Key="state.tflock", Body=json.dumps(lock).encode())

    with pytest.raises(Failure, match="ann@desk") as refused:
        await place.store().lock(run="run-3", operation="OperationTypeApply", created=created)

    assert refused.value.reason == "STATE_LOCKED"
    assert "4711" in refused.value.remedy
    await place.store().unlock()
    assert place.s3.head_object(Bucket=place.bucket, Key="state.tflock")
