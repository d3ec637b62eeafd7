"""Records what a release leaves in the stage services' tables: an attempt caught in every state.

pytest tests/integration/handovers/recording_stages.py
"""

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from provisioning.bootstrap.v1 import events_pb2 as bootstrap
from provisioning.environment.v1 import hand_over_pb2
from provisioning.environment.v1.hand_over_pb2 import HandOver
from provisioning.infra.v1 import events_pb2 as infra
from provisioning.state.v1 import events_pb2 as state

from libs.eventing import IncomingEvent
from libs.eventing.events import environment_event
from libs.failures import Failure
from libs.persistence import Database
from libs.persistence.migrations import migrate
from libs.stages import AttemptRepository, AttemptState, RequestConsumer
from libs.stages.attempts import attempt_id
from tests.integration.environment_registry.conftest import AREAS, document
from tests.integration.handovers.recording import FOLDER
from tests.integration.handovers.rows import dump, write

ROOT = Path(__file__).parents[3]
ACCESS = hand_over_pb2.AwsAccess(
    account_id="123456789012", region="us-east-1", role_arn="arn:aws:iam::123456789012:role/Beta9Provisioner",
    external_id="an-external-id",
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One kind of request of a service, with the steps that serve it."""

    stage: str
    request: type[Message]
    steps: tuple[str, ...]
    saved: dict[str, object]


COMMON = ("synthesize", "load_state", "init", "plan")
WORK: dict[str, tuple[Work, ...]] = {
    "infra_engine": (
        Work("preflight", infra.PreflightRequested, ("check_account",), {}),
        Work(
            "deployment",
            infra.DeploymentRequested,
            (*COMMON, "apply", "set_credentials", "read_outputs"),
            {"stack_version": "1", "outputs": {"cluster_name": "c"}, "resources": 2},
        ),
        Work(
            "destroy",
            infra.DestroyRequested,
            (*COMMON, "destroy", "settle_workspace_buckets", "verify_destroyed"),
            {"had_database": True},
        ),
    ),
    "state_backend_manager": (
        Work("state_backend", state.StateBackendRequested, ("prove_access", "ensure_bucket", "record_backend"),
             {"bucket": "b"}),
        Work("release", state.ReleaseRequested, ("release_backend",), {}),
    ),
    "cluster_bootstrapper": (
        Work("baseline", bootstrap.BootstrapRequested,
             ("wait_for_nodes", "ensure_storage_class", "install_nginx_ingress"), {}),
        Work("drain", bootstrap.DrainRequested, ("drain_cluster", "release_secrets"), {}),
    ),
}  # fmt: skip


def request_of(work: Work, key: HandOver) -> Message:
    fields: dict[str, Any] = {"hand_over": key, "access": ACCESS}
    if "spec" in work.request.DESCRIPTOR.fields_by_name:
        fields["spec"] = document()
    return work.request(**fields)


async def leave(repository: AttemptRepository, work: Work, caught: str) -> None:
    """Leaves one attempt as it is when its worker was ended `caught`."""
    key = HandOver(
        environment=f"workspaces/old/environments/{caught}", uid=f"{caught}-uid", operation=f"op-{caught}",
        stage=work.stage, attempt=1,
    )  # fmt: skip
    area = AREAS[work.stage]
    event = IncomingEvent(
        id=f"{work.stage}-{caught}", subject=f"provisioning.requests.v1.old.{caught}.{work.stage}.requested",
        type=work.request.DESCRIPTOR.full_name, source="/test", environment_uid=key.uid, sequence=1, traceparent="",
        message=request_of(work, key), deliveries=1,
    )  # fmt: skip
    async with repository.database.transaction() as connection:
        await RequestConsumer(repository, area=area).handle(connection, event)
    if caught == "requested":
        return
    identifier = attempt_id(key.operation, key.stage, key.attempt)
    assert await repository.claim(identifier, fence=1, holder="old-worker")

    def told(message: Message) -> Any:
        return environment_event(message, area=area, environment=key.environment, uid=key.uid, traceparent="")

    last = len(work.steps) - 1 if caught in ("succeeded", "failed", "stopped") else int(caught.partition("-")[2])
    for number, step in enumerate(work.steps[: last + 1]):
        change = hand_over_pb2.StepChanged(hand_over=key, step=step)
        await repository.begin_step(identifier, 1, step, [told(change)])
        await repository.save(identifier, 1, work.saved)
        if number < last or caught == "succeeded":
            await repository.end_step(identifier, 1, step)
    if caught == "succeeded":
        await repository.end(identifier, 1, AttemptState.SUCCEEDED, told(hand_over_pb2.StepChanged(hand_over=key)))
    if caught == "stopped":
        await repository.end(identifier, 1, AttemptState.STOPPED, told(hand_over_pb2.StageStopped(hand_over=key)))
    if caught == "failed":
        failure = Failure("APPLY_FAILED", "It failed.", retryable=True, remedy="Mend it.")
        answer = told(hand_over_pb2.StageFailed(hand_over=key))
        await repository.end(identifier, 1, AttemptState.FAILED, answer, failure)
    if caught.startswith("stopping"):
        async with repository.database.transaction() as connection:
            await repository.request_stop(connection, identifier, "cancelled")


def caught_in(steps: Sequence[str]) -> list[str]:
    running = [f"running-{number}" for number in range(len(steps))]
    return ["requested", *running, "stopping-0", "succeeded", "failed", "stopped"]


@pytest.mark.parametrize("service", sorted(WORK))
async def test_record(service: str, postgres_url: str) -> None:
    tables = importlib.import_module(f"services.{service}.tables")
    await asyncio.to_thread(
        migrate, postgres_url, ROOT / "services" / service / "migrations" / "versions", tables.METADATA
    )
    database = Database(postgres_url)
    repository = AttemptRepository(database, tables.STAGE_TABLES)
    for work in WORK[service]:
        for caught in caught_in(work.steps):
            await leave(repository, work, caught)
    async with database.transaction() as connection:
        rows = await dump(connection, tables.METADATA)
    rows.pop("outbox", None)
    write(FOLDER / f"{service}.json", rows)
    await database.close()
