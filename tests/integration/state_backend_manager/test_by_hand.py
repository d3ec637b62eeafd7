"""What a person does to a state over gRPC, on the sandbox's bucket: read, compare, roll back, unlock."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import grpc.aio
import pytest
import sqlalchemy as sa
from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1 import state_backend_service_pb2_grpc as service

from libs.grpckit import FixedPrincipals, Server, open_channel
from libs.persistence import Database
from libs.stages import LeaseLost
from libs.state_stores import StateStore, WrittenByAnother
from services.state_backend_manager.api import StateBackendServicer
from services.state_backend_manager.audit_repository import AuditRepository
from services.state_backend_manager.buckets import Buckets, bucket_name
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.repository import StateBackendRecord, StateBackendRepository
from services.state_backend_manager.tables import METADATA
from services.state_backend_manager.versions import Stores
from tests.integration.environment_registry.errors import refused
from tests.integration.sandbox_aws.conftest import Account
from tests.integration.state_backend_manager.conftest import ACCESS
from tests.integration.unanswered import leave_commits_unanswered

pytestmark = pytest.mark.integration

CANARY = "canary-7d1e0b"
UID = "e1"
NAME = f"workspaces/acme/stateBackends/{UID}"
KEY = f"{NAME}/infra-engine"
RUN = "0c7c1b9e-5f0a-4b57-9d43-93a1b7a4c111-deployment-1"
OUTSIDER = {"ID": "their-id", "Who": "ann@laptop", "Operation": "OperationTypePlan", "Created": "2026-11-24T10:00:00Z"}


@dataclass
class Place:
    """The API, and an engine's way to the same bucket."""

    stub: service.StateBackendServiceStub
    store: StateStore
    leases: LeaseRepository
    database: Database
    s3: Any
    record: StateBackendRecord

    async def ship(
        self, serial: int, *names: str, lineage: str = "one", password: str = CANARY
    ) -> resources.StateVersion:
        """What an engine does with a state, in a run of its own."""
        lease = await self.leases.acquire(KEY, holder="engine", run=RUN, seconds=30)
        assert lease is not None
        present = await self.store.read()
        over = present.etag if present else None
        raw = content(serial, *names, lineage=lineage, password=password)
        stored = await self.store.write(raw, over=over, fence=lease.fence, run=RUN)
        version = resources.StateVersion(
            lineage=lineage, serial=serial, etag=stored.etag, object_version=stored.object_version,
            sha256=hashlib.sha256(raw).hexdigest(), size_bytes=len(raw), run=RUN, fence=lease.fence,
            resources=len(names),
        )  # fmt: skip
        recorded = await self.stub.RecordStateVersion(
            messages.RecordStateVersionRequest(parent=NAME, state_version=version, lease_key=KEY)
        )
        await self.leases.release(lease, holder="engine")
        return recorded

    async def roll_back(self, version: resources.StateVersion) -> resources.StateVersion:
        return await self.stub.RollBackState(messages.RollBackStateRequest(name=version.name, reason="a bad apply"))

    async def audited(self) -> list[tuple[str, str, str, str]]:
        answer = await self.stub.ListAuditRecords(messages.ListAuditRecordsRequest(parent=NAME))
        return [(one.action, one.author, one.reason, one.outcome) for one in answer.audit_records]

    def lock_by_hand(self) -> None:
        """As plain Terraform does."""
        body = json.dumps(OUTSIDER).encode()
        self.s3.put_object(Bucket=self.record.bucket, Key=self.record.location.lock_key, Body=body)


def content(serial: int, *names: str, lineage: str = "one", password: str = CANARY) -> bytes:
    found = [
        {"mode": "managed", "type": "aws_vpc", "name": name, "instances": [{"attributes": {"password": password}}]}
        for name in names
    ]
    document = {"version": 4, "serial": serial, "lineage": lineage, "outputs": {}, "resources": found}
    return json.dumps(document).encode()


@pytest.fixture
async def place(customer: Account, postgres_url: str) -> AsyncIterator[Place]:
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    backends, leases, stores = StateBackendRepository(database), LeaseRepository(database), Stores(path_style=True)
    bucket = bucket_name(ACCESS)
    await asyncio.to_thread(Buckets(path_style=True).ensure, ACCESS, bucket)
    key = f"workspaces/acme/environments/{secrets.token_hex(4)}/terraform.tfstate"
    record = StateBackendRecord(
        UID, "acme", "workspaces/acme/environments/one", bucket, key, ACCESS.region, False, datetime.now(UTC), 0, ACCESS
    )
    await backends.add(record)
    servicer = StateBackendServicer(backends, leases, AuditRepository(database), stores)
    server = Server(
        "127.0.0.1:0",
        ["provisioning.state.v1.StateBackendService"],
        lambda server: service.add_StateBackendServiceServicer_to_server(servicer, server),
        FixedPrincipals(),
    )
    await server.start()
    async with open_channel(f"127.0.0.1:{server.port}") as channel:
        stub = service.StateBackendServiceStub(channel)
        yield Place(stub, stores.open(record), leases, database, customer.client("s3"), record)
    await server.stop(0)
    await database.close()


async def test_a_version_is_read_and_compared_without_its_secrets(place: Place) -> None:
    first, second = await place.ship(1, "a", "b"), await place.ship(2, "b", "c", password=f"{CANARY}2")
    read = await place.stub.GetStateVersion(messages.GetStateVersionRequest(name=second.name, content=True))
    assert CANARY not in read.content and "(redacted)" in read.content
    assert json.loads(read.content)["serial"] == 2
    assert not (await place.stub.GetStateVersion(messages.GetStateVersionRequest(name=second.name))).content
    request = messages.CompareStateVersionsRequest(name=second.name)
    compared = await place.stub.CompareStateVersions(request)
    told = [(one.address, resources.StateChangeKind.Name(one.kind)[18:]) for one in compared.changes]
    assert told == [("aws_vpc.a", "REMOVED"), ("aws_vpc.b", "CHANGED"), ("aws_vpc.c", "ADDED")]
    assert compared.base == first and CANARY not in str(compared)
    request.base = first.name
    assert await place.stub.CompareStateVersions(request) == compared
    # The first is compared with nothing.
    alone = await place.stub.CompareStateVersions(messages.CompareStateVersionsRequest(name=first.name))
    assert not alone.HasField("base") and len(alone.changes) == 2


async def test_a_roll_back_is_a_newer_version_and_a_zombie_writes_nothing_after_it(place: Place) -> None:
    first, second = await place.ship(1, "a"), await place.ship(2, "a", "b")
    zombies = await place.store.read()
    assert zombies is not None
    made = await place.roll_back(first)
    assert (made.author, made.reason, made.restored) == ("operator", "a bad apply", first.name)
    assert made.serial > second.serial + 1 and made.resources == 1
    present = await place.store.read()
    assert present is not None and json.loads(present.raw)["serial"] == made.serial
    assert [one["name"] for one in json.loads(present.raw)["resources"]] == ["a"]
    with pytest.raises(WrittenByAnother):
        await place.store.write(content(3, "z"), over=zombies.etag, fence=zombies.fence, run=RUN)
    listed = await place.stub.ListStateVersions(messages.ListStateVersionsRequest(parent=NAME))
    assert [one.name for one in listed.state_versions] == [made.name, second.name, first.name]
    assert await place.audited() == [("ROLL_BACK", "operator", "a bad apply", "DONE")]
    # Nothing is left held: the next run begins, and the one after a roll back can be rolled back again.
    assert await place.store.holder() is None
    again = await place.roll_back(second)
    assert again.serial > made.serial and (await place.ship(again.serial + 1, "c")).fence > again.fence


async def test_no_roll_back_while_a_run_has_the_state(place: Place) -> None:
    first, _ = await place.ship(1, "a"), await place.ship(2, "b")
    held = await place.leases.acquire(KEY, holder="engine", run=RUN, seconds=30)
    assert held is not None
    error = await refused(place.roll_back(first))
    assert (error.code, error.reason) == (grpc.StatusCode.ABORTED, "STATE_IN_USE")
    present = await place.store.read()
    assert present is not None and json.loads(present.raw)["serial"] == 2
    await place.leases.renew(held, holder="engine", seconds=30)
    await place.leases.release(held, holder="engine")
    place.lock_by_hand()
    assert (await refused(place.roll_back(first))).reason == "STATE_LOCKED"
    assert [outcome for *_, outcome in await place.audited()] == ["STATE_LOCKED", "STATE_IN_USE"]


async def test_only_a_sane_version_is_rolled_back_to(place: Place) -> None:
    foreign = await place.ship(1, "a", lineage="another")
    gone, damaged, newest = await place.ship(2, "a"), await place.ship(3, "b"), await place.ship(4, "c")
    bucket, key = place.record.bucket, place.record.key
    place.s3.delete_object(Bucket=bucket, Key=key, VersionId=gone.object_version)
    async with place.database.transaction() as connection:
        await connection.execute(sa.text("UPDATE state_versions SET sha256 = 'other' WHERE serial = 3"))
    for version, reason in (
        (foreign, "STATE_LINEAGE_DIFFERS"),
        (gone, "STATE_VERSION_GONE"),
        (damaged, "STATE_VERSION_DAMAGED"),
        (newest, "STATE_VERSION_PRESENT"),
        (resources.StateVersion(name=f"{NAME}/stateVersions/99"), "STATE_VERSION_NOT_FOUND"),
        (resources.StateVersion(name=f"{NAME}/stateVersions/none"), "STATE_VERSION_NOT_FOUND"),
    ):
        assert (await refused(place.roll_back(version))).reason == reason
    present = await place.store.read()
    assert present is not None and json.loads(present.raw)["serial"] == 4
    assert (await refused(place.stub.RollBackState(messages.RollBackStateRequest(name=newest.name)))).fields == {
        "reason"
    }


async def test_a_state_that_is_torn_in_the_bucket_is_mended_by_a_roll_back(place: Place) -> None:
    first, second = await place.ship(1, "a"), await place.ship(2, "b")
    place.s3.put_object(Bucket=place.record.bucket, Key=place.record.key, Body=b'{"version": 4, "ser')
    made = await place.roll_back(first)
    assert made.serial > second.serial
    present = await place.store.read()
    assert present is not None and json.loads(present.raw)["serial"] == made.serial


async def test_a_living_owners_lease_is_broken_by_force_alone_and_he_is_done_before_the_next(place: Place) -> None:
    held = await place.leases.acquire(KEY, holder="engine", run=RUN, seconds=30)
    assert held is not None
    told = await place.stub.GetStateLock(messages.GetStateLockRequest(name=NAME))
    assert [(one.holder, one.operation) for one in told.leases] == [
        ("engine", f"workspaces/acme/operations/{RUN.removesuffix('-deployment-1')}")
    ]
    assert told.leases[0].heartbeat_age_milliseconds < 15_000 and told.leases[0].age_milliseconds >= 0
    request = messages.UnlockRequest(key=KEY, reason="it hangs")
    error = await refused(place.stub.Unlock(request))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OWNER_ALIVE")
    await place.leases.renew(held, holder="engine", seconds=30)
    request.force = True
    await place.stub.Unlock(request)
    with pytest.raises(LeaseLost):
        await place.leases.renew(held, holder="engine", seconds=30)
    # The owner may be at work until its lease would have ended.
    assert await place.leases.acquire(KEY, holder="engine", run=RUN, seconds=30) is None
    assert (await refused(place.stub.Unlock(request))).reason == "NOT_LOCKED"
    async with place.database.transaction() as connection:
        await connection.execute(sa.text("UPDATE leases SET expires_at = now()"))
    newer = await place.leases.acquire(KEY, holder="next", run=RUN, seconds=30)
    assert newer is not None
    assert newer.fence > held.fence
    assert await place.audited() == [("BREAK_LEASE", "operator", "it hangs", "DONE")]


async def test_a_lease_whose_owner_is_silent_is_broken_without_force(place: Place) -> None:
    assert await place.leases.acquire(KEY, holder="engine", run=RUN, seconds=30)
    async with place.database.transaction() as connection:
        await connection.execute(
            sa.text("UPDATE leases SET renewed_at = now() - interval '20 s', expires_at = now() + interval '10 s'")
        )
    await place.stub.Unlock(messages.UnlockRequest(key=KEY, reason="its machine is gone"))
    never = messages.UnlockRequest(key=f"{NAME}/never-taken", reason="x")
    assert (await refused(place.stub.Unlock(never))).reason == "LEASE_NOT_FOUND"


async def test_what_is_done_is_audited_once_where_a_commit_is_not_answered(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await place.ship(1, "a")
    await place.ship(2, "a", "b")
    leave_commits_unanswered(place.database, monkeypatch)
    await place.roll_back(first)
    assert await place.leases.acquire(KEY, holder="engine", run=RUN, seconds=30)
    await place.stub.Unlock(messages.UnlockRequest(key=KEY, reason="it hangs", force=True))
    assert await place.audited() == [
        ("BREAK_LEASE", "operator", "it hangs", "DONE"), ("ROLL_BACK", "operator", "a bad apply", "DONE"),
    ]  # fmt: skip


async def test_an_outsiders_lock_is_told_and_removed_by_its_id_alone(place: Place) -> None:
    place.lock_by_hand()
    told = (await place.stub.GetStateLock(messages.GetStateLockRequest(name=NAME))).lock_object
    assert (told.id, told.who, told.operation, told.ours) == ("their-id", "ann@laptop", "OperationTypePlan", False)
    request = messages.UnlockRequest(key=NAME, lock_id="another", reason="ann is on holiday")
    assert (await refused(place.stub.Unlock(request))).reason == "LOCK_NOT_FOUND"
    request.lock_id = told.id
    await place.stub.Unlock(request)
    assert not (await place.stub.GetStateLock(messages.GetStateLockRequest(name=NAME))).HasField("lock_object")
    assert await place.audited() == [("BREAK_LOCK_OBJECT", "operator", "ann is on holiday", "DONE")]


async def test_our_own_lock_is_kept_while_its_run_is_at_work(place: Place) -> None:
    assert await place.leases.acquire(KEY, holder="engine", run=RUN, seconds=30)
    await place.store.lock(run=RUN, operation="OperationTypeApply", created="now")
    request = messages.UnlockRequest(key=NAME, lock_id=RUN, reason="why not")
    assert (await refused(place.stub.Unlock(request))).reason == "OWNER_ALIVE"
    assert (held := await place.store.holder()) is not None and held.ours


async def test_a_backend_of_an_earlier_release_says_what_it_lacks(place: Place) -> None:
    version = await place.ship(1, "a")
    async with place.database.transaction() as connection:
        await connection.execute(sa.text("UPDATE state_backends SET role_arn = ''"))
    request = messages.GetStateVersionRequest(name=version.name, content=True)
    assert (await refused(place.stub.GetStateVersion(request))).reason == "ACCESS_UNKNOWN"
