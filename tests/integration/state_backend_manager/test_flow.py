"""The stage as it runs: asked by event, worked in a sandbox's account, answered by event."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa
from google.protobuf.message import Message
from provisioning.environment.v1.environment_spec_pb2 import StateSpec
from provisioning.environment.v1.hand_over_pb2 import AwsAccess as AccessMessage
from provisioning.environment.v1.hand_over_pb2 import HandOver, StageFailed
from provisioning.state.v1 import events_pb2 as events

from libs.aws_access import AwsAccess
from libs.embedded import onboarding
from libs.eventing import Bus, Consumer, Relay, enqueue, stage_request
from libs.eventing.events import from_json
from libs.eventing.subjects import REQUESTS_PREFIX, REQUESTS_STREAM
from libs.persistence import Database
from libs.stages import AttemptRepository, RequestConsumer, Worker
from libs.stages.cancellation import end_tasks
from libs.state_stores import StoreKind
from libs.state_stores.messages import location_of
from services.state_backend_manager.buckets import Buckets, bucket_name
from services.state_backend_manager.flow import flows
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.repository import StateBackendRepository, StateVersionRecord
from services.state_backend_manager.tables import METADATA, STAGE_TABLES
from tests.integration.sandbox_aws.conftest import Account, Cloud
from tests.integration.state_backend_manager.conftest import ACCESS

pytestmark = pytest.mark.integration

SERVICE = "state-backend-manager"


def message_of(access: AwsAccess) -> AccessMessage:
    return AccessMessage(
        account_id=access.account_id,
        region=access.region,
        role_arn=access.role_arn,
        external_id=access.external_id,
    )


@dataclass
class Stage:
    """The state manager's worker in this process, and what it has answered."""

    database: Database
    relay: Relay
    workspace: str
    repository: AttemptRepository
    backends: StateBackendRepository
    answered: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def uid(self) -> str:
        return f"{self.workspace}-e1"

    def hand_over(self, stage: str, attempt: int) -> HandOver:
        environment = f"workspaces/{self.workspace}/environments/one"
        return HandOver(
            environment=environment, uid=self.uid, operation=f"{self.workspace}-op", stage=stage, attempt=attempt
        )

    async def ask(self, access: AwsAccess | AccessMessage, attempt: int = 1, state: StateSpec | None = None) -> Message:
        """Ask for a state backend; answer what the stage answers."""
        given = message_of(access) if isinstance(access, AwsAccess) else access
        hand_over = self.hand_over("state_backend", attempt)
        return await self._answer(
            events.StateBackendRequested(hand_over=hand_over, access=given, state=state), hand_over
        )

    async def release(self, attempt: int = 1, *, remove: bool = False) -> events.StateBackendReleased:
        hand_over = self.hand_over("release", attempt)
        answer = await self._answer(
            events.ReleaseRequested(hand_over=hand_over, access=message_of(ACCESS), remove_bucket=remove), hand_over
        )
        assert isinstance(answer, events.StateBackendReleased)
        return answer

    async def _answer(
        self, request: events.StateBackendRequested | events.ReleaseRequested, hand_over: HandOver
    ) -> Message:
        before = len(await self.answers())
        event = stage_request(
            request, stage=hand_over.stage, environment=hand_over.environment, uid=hand_over.uid, traceparent=""
        )
        async with self.database.transaction() as connection:
            await enqueue(connection, STAGE_TABLES.events, [event])
        self.relay.wake()
        async with asyncio.timeout(30):
            while len(answers := await self.answers()) == before:
                await asyncio.sleep(0.02)
        assert len(answers) == before + 1
        assert answers[-1].hand_over == hand_over  # type: ignore[attr-defined]
        return answers[-1]

    async def answers(self) -> list[Message]:
        """What outsiders were told, steps aside, in order."""
        outbox = STAGE_TABLES.events.outbox
        query = (
            sa.select(outbox.c.type, outbox.c.data)
            .where(outbox.c.subject.like("provisioning.v1.%"), outbox.c.subject.not_like("%.step_changed"))
            .order_by(outbox.c.sequence)
        )
        async with self.database.transaction() as connection:
            return [from_json(row.type, row.data) for row in await connection.execute(query)]

    async def steps(self, stage: str = "state_backend", attempt: int = 1) -> list[str]:
        key = self.hand_over(stage, attempt)
        found = await self.repository.find_by_key(key.uid, key.operation, key.stage, key.attempt)
        assert found is not None
        return list(found.steps_done)

    async def steps_begun(self) -> list[str]:
        """Every step that any attempt began, in order."""
        outbox = STAGE_TABLES.events.outbox
        query = sa.select(outbox.c.data).where(outbox.c.subject.like("%.step_changed")).order_by(outbox.c.sequence)
        async with self.database.transaction() as connection:
            return [json.loads(data)["step"] for data in (await connection.execute(query)).scalars()]


@pytest.fixture
async def stage(postgres_url: str, nats_url: str, customer: Account) -> AsyncIterator[Stage]:
    database = Database(postgres_url)
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    bus = await Bus.connect(nats_url, name="test")
    await bus.ensure_streams()
    relay = Relay(database, STAGE_TABLES.events, bus, source="/test")
    workspace = f"w{secrets.token_hex(5)}"
    repository, backends = AttemptRepository(database, STAGE_TABLES), StateBackendRepository(database)
    worker = Worker(
        repository, relay, LeaseRepository(database), flows(Buckets(path_style=True), backends),
        service=SERVICE, area="state", holder="worker-1", concurrency=2, lease_seconds=30,
    )  # fmt: skip
    consumer = Consumer(
        database,
        STAGE_TABLES.events,
        bus,
        durable=f"state_{workspace}",
        stream=REQUESTS_STREAM,
        subjects=[f"{REQUESTS_PREFIX}.{workspace}.*.{name}.>" for name in ("state_backend", "release")],
        handler=RequestConsumer(repository, area="state").handle,
        after_commit=worker.wake,
    )
    tasks = [asyncio.create_task(work) for work in (relay.run(), consumer.run(), worker.run())]
    yield Stage(database, relay, workspace, repository, backends)
    await end_tasks(tasks)
    await bus.close()
    await database.close()


async def role(cloud: Cloud, stage: Stage, external_id: str = ACCESS.external_id) -> AwsAccess:
    """A role of the test's own, so that nobody else meets what it does to its trust policy."""
    arn = f"arn:aws:iam::{ACCESS.account_id}:role/{stage.workspace}"
    await onboarding.onboard(cloud.url, arn, external_id)
    return replace(ACCESS, role_arn=arn)


def failure_of(answer: Message) -> tuple[str, str]:
    assert isinstance(answer, StageFailed), answer
    assert answer.failure.message and answer.failure.remedy
    return answer.failure.reason, answer.failure.step


async def test_a_state_backend_is_there_and_recorded_when_it_is_answered(stage: Stage, customer: Account) -> None:
    access = replace(ACCESS, region="eu-central-1")
    answer = await stage.ask(access)
    assert isinstance(answer, events.StateBackendReady)
    key = f"workspaces/{stage.workspace}/environments/{stage.uid}/terraform.tfstate"
    place = (answer.location.bucket, answer.location.key, answer.location.region)
    assert place == (bucket_name(access), key, "eu-central-1")
    customer.client("s3", region="eu-central-1").head_bucket(Bucket=answer.location.bucket)
    record = await stage.backends.find(stage.workspace, stage.uid)
    assert record is not None
    assert (record.bucket, record.key, record.region, record.released) == (*place, False)
    assert await stage.steps() == ["prove_access", "ensure_bucket", "record_backend"]


async def test_asked_again_it_gives_the_same_answer_and_does_nothing(
    stage: Stage, cloud: Cloud, customer: Account
) -> None:
    first = await stage.ask(ACCESS)
    # Were the bucket touched again, this would fail it.
    cloud.ask("POST", "/sandbox/faults", {"service": "sts", "action": "AssumeRole", "code": "AccessDenied"})
    try:
        assert await stage.ask(ACCESS) == first
    finally:
        cloud.ask("DELETE", "/sandbox/faults")
    assert await stage.steps_begun() == ["prove_access", "ensure_bucket", "record_backend"]


async def test_a_role_that_anyone_may_take_is_refused_before_anything_is_made(
    stage: Stage, cloud: Cloud, customer: Account
) -> None:
    access = replace(await role(cloud, stage), region="ap-south-1")
    trust = onboarding.trust_policy(access.external_id)
    del trust["Statement"][0]["Condition"]  # type: ignore[index]
    iam = customer.client("iam")
    iam.update_assume_role_policy(RoleName=stage.workspace, PolicyDocument=json.dumps(trust))
    assert failure_of(await stage.ask(access)) == ("EXTERNAL_ID_NOT_REQUIRED", "prove_access")
    buckets = [bucket["Name"] for bucket in customer.client("s3").list_buckets()["Buckets"]]
    assert bucket_name(access) not in buckets
    assert await stage.backends.find(stage.workspace, stage.uid) is None
    # Mended by the customer, a retry is let in.
    mended = json.dumps(onboarding.trust_policy(access.external_id))
    iam.update_assume_role_policy(RoleName=stage.workspace, PolicyDocument=mended)
    assert isinstance(await stage.ask(access, attempt=2), events.StateBackendReady)


async def test_a_role_that_cannot_be_taken_is_the_customers_to_mend(
    stage: Stage, cloud: Cloud, customer: Account
) -> None:
    access = await role(cloud, stage, external_id="another-external-id")
    answer = await stage.ask(access)
    assert failure_of(answer) == ("ROLE_NOT_ASSUMABLE", "prove_access")
    assert isinstance(answer, StageFailed)
    assert answer.failure.resource_address == access.role_arn
    assert access.external_id in answer.failure.remedy
    missing = replace(ACCESS, role_arn=f"arn:aws:iam::{ACCESS.account_id}:role/nobody")
    assert failure_of(await stage.ask(missing, attempt=2)) == ("ROLE_NOT_ASSUMABLE", "prove_access")


async def test_access_that_can_never_work_is_refused_without_a_call(stage: Stage) -> None:
    given = message_of(ACCESS)
    given.account_id = "12"
    assert failure_of(await stage.ask(given)) == ("ACCESS_INVALID", "prove_access")


async def test_a_permission_that_is_missing_is_named_and_a_retry_goes_on_there(
    stage: Stage, cloud: Cloud, customer: Account
) -> None:
    fault = {"service": "s3", "action": "PutBucketVersioning", "code": "AccessDenied", "status": 403}
    cloud.ask("POST", "/sandbox/faults", fault)
    try:
        answer = await stage.ask(ACCESS)
    finally:
        cloud.ask("DELETE", "/sandbox/faults")
    assert failure_of(answer) == ("AWS_PERMISSION_DENIED", "ensure_bucket")
    assert isinstance(answer, StageFailed)
    assert answer.failure.resource_address == f"arn:aws:s3:::{bucket_name(ACCESS)}"
    assert isinstance(await stage.ask(ACCESS, attempt=2), events.StateBackendReady)
    assert await stage.steps_begun() == ["prove_access", "ensure_bucket", "ensure_bucket", "record_backend"]


async def test_a_moment_of_throttling_is_waited_out(stage: Stage, cloud: Cloud, customer: Account) -> None:
    fault = {"service": "s3", "action": "PutBucketVersioning", "code": "SlowDown", "status": 503, "count": 2}
    cloud.ask("POST", "/sandbox/faults", fault)
    try:
        assert isinstance(await stage.ask(ACCESS), events.StateBackendReady)
    finally:
        cloud.ask("DELETE", "/sandbox/faults")


async def test_a_release_keeps_the_versions_and_says_so(stage: Stage, customer: Account) -> None:
    ready = await stage.ask(ACCESS)
    assert isinstance(ready, events.StateBackendReady)
    lease = await LeaseRepository(stage.database).acquire("k", holder="h", run="r", seconds=30)
    assert lease is not None
    version = StateVersionRecord(stage.uid, "lineage", 3, "etag", "v1", "0" * 64, 10, "r", lease.fence, 2)
    assert await stage.backends.record_version(version, "k") is not None
    released = await stage.release()
    assert [kept.resource for kept in released.kept] == [f"s3://{ready.location.bucket}/{ready.location.key}"]
    assert "180 days" in released.kept[0].reason
    record = await stage.backends.find(stage.workspace, stage.uid)
    assert record is not None and record.released
    assert await stage.release() == released
    assert (await stage.release(attempt=2)).kept == released.kept


async def test_a_release_of_what_holds_nothing_keeps_nothing(stage: Stage, customer: Account) -> None:
    """An environment that was deleted before it had a state backend, and one whose state was never written."""
    assert not (await stage.release()).kept
    await stage.ask(ACCESS)
    assert not (await stage.release(attempt=2)).kept


async def test_what_the_document_says_of_the_state_is_kept(stage: Stage, customer: Account) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCESS.account_id}:key/1"
    wished = StateSpec(bucket=f"own-{stage.workspace}", retention_days=30, kms_key_arn=key)
    ready = await stage.ask(ACCESS, state=wished)
    assert isinstance(ready, events.StateBackendReady)
    assert (ready.location.bucket, ready.location.kms_key_arn) == (wished.bucket, key)
    rules = customer.client("s3").get_bucket_lifecycle_configuration(Bucket=wished.bucket)["Rules"]
    assert [rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules] == [30]
    record = await stage.backends.find(stage.workspace, stage.uid)
    assert record is not None
    assert (record.access, record.retention_days, record.kms_key_arn) == (ACCESS, 30, key)


async def test_a_lock_table_must_be_there_and_of_terraforms_kind(stage: Stage, customer: Account) -> None:
    tables, name = customer.client("dynamodb"), f"locks-{stage.workspace}"
    wished = StateSpec(dynamodb_table=name)
    assert failure_of(await stage.ask(ACCESS, state=wished)) == ("STATE_TABLE_NOT_USABLE", "ensure_bucket")
    tables.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    ready = await stage.ask(ACCESS, attempt=2, state=wished)
    assert isinstance(ready, events.StateBackendReady)
    assert location_of(ready.location).kind is StoreKind.S3_DYNAMODB


@pytest.mark.parametrize("last", [True, False])
async def test_the_last_release_removes_the_bucket_on_request(stage: Stage, customer: Account, last: bool) -> None:
    wished = StateSpec(bucket=f"gone-{stage.workspace}")
    assert isinstance(await stage.ask(ACCESS, state=wished), events.StateBackendReady)
    record = await stage.backends.find(stage.workspace, stage.uid)
    assert record is not None
    s3 = customer.client("s3")
    s3.put_object(Bucket=record.bucket, Key=record.key, Body=b"state")
    other = replace(record, uid=f"{record.uid}-2", environment=f"{record.environment}-2")
    await stage.backends.add(other)
    if last:
        await stage.backends.release(other.uid)
    kept = (await stage.release(remove=True)).kept
    assert (record.bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]) is not last
    assert [one.resource for one in kept] == ([] if last else [f"s3://{record.bucket}"])
    assert last or other.environment in kept[0].reason
