"""What InfraService and StageService say of attempts that are there."""

from __future__ import annotations

import asyncio

import grpc.aio
import pytest
from provisioning.environment.v1 import hand_over_pb2, stage_service_pb2, stage_service_pb2_grpc
from provisioning.infra.v1 import deployment_pb2, events_pb2, infra_service_pb2, infra_service_pb2_grpc

from libs.failures import Actor, Failure, Kind
from services.infra_engine.changes import Change, ChangeState, Intent
from services.infra_engine.repository import ChangeRepository
from tests.contract.stages import Stage

DEPLOYMENT = "workspaces/acme/deployments/e1"
WRONG_NAME = ("INVALID_ARGUMENT", "NAME_INVALID")


@pytest.fixture(autouse=True)
async def attempts(stage: Stage) -> None:
    """Two operations on environment e1, of which the newer failed, and one on e2."""
    created = await stage.attempt(events_pb2.DeploymentRequested(), "deployment", uid="e1", operation="op-1")
    await stage.log("e1", created, "plan", "60 to add")
    failed = await stage.attempt(events_pb2.DeploymentRequested(), "deployment", uid="e1", operation="op-2")
    await stage.log("e1", failed, "apply", "vpc: Creating...", "Error: no")
    await stage.fail(failed, Failure("VPC_LIMIT", "Too many.", kind=Kind.RESOURCE_EXHAUSTED, actor=Actor.CUSTOMER))
    await stage.attempt(events_pb2.DestroyRequested(), "destroy", uid="e2", operation="op-3")


async def test_a_deployment_names_its_newest_revision_and_its_oldest_time(
    infra: infra_service_pb2_grpc.InfraServiceStub,
) -> None:
    deployment = await infra.GetDeployment(infra_service_pb2.GetDeploymentRequest(name=DEPLOYMENT))
    assert deployment.environment == "workspaces/acme/environments/e1"
    assert deployment.latest_revision == f"{DEPLOYMENT}/revisions/op-2-deployment-1"
    assert deployment.state == hand_over_pb2.STAGE_STATE_FAILED
    oldest = await infra.GetRevision(
        infra_service_pb2.GetRevisionRequest(name=f"{DEPLOYMENT}/revisions/op-1-deployment-1")
    )
    assert deployment.create_time == oldest.create_time


async def test_deployments_and_revisions_come_in_pages(infra: infra_service_pb2_grpc.InfraServiceStub) -> None:
    listing = infra_service_pb2.ListDeploymentsRequest(parent="workspaces/acme", page_size=1)
    first = await infra.ListDeployments(listing)
    listing.page_token = first.next_page_token
    second = await infra.ListDeployments(listing)
    assert [one.name[-2:] for one in (*first.deployments, *second.deployments)] == ["e1", "e2"]
    assert first.next_page_token and not second.next_page_token
    revisions = infra_service_pb2.ListRevisionsRequest(parent=DEPLOYMENT, page_size=1)
    newer = await infra.ListRevisions(revisions)
    revisions.page_token = newer.next_page_token
    older = await infra.ListRevisions(revisions)
    assert [page.revisions[0].hand_over.operation for page in (newer, older)] == ["op-2", "op-1"]
    assert not older.next_page_token


async def test_a_revision_says_why_it_failed_and_what_it_changed(
    stage: Stage, infra: infra_service_pb2_grpc.InfraServiceStub
) -> None:
    name = f"{DEPLOYMENT}/revisions/op-2-deployment-1"
    changes = [Change(f"aws_subnet.s[{number}]", Intent.CREATE, number=number) for number in (1, 2, 3)]
    repository = ChangeRepository(stage.database)
    async with stage.database.transaction() as connection:
        await repository.plan(connection, "op-2-deployment-1", changes)
        done = Change("aws_subnet.s[2]", Intent.CREATE, ChangeState.RECONCILED, 2, "subnet-2")
        await repository.update(connection, "op-2-deployment-1", done)
    revision = await infra.GetRevision(infra_service_pb2.GetRevisionRequest(name=name))
    assert (revision.resources_done, revision.resources_planned, revision.step) == (1, 3, "second")
    assert (revision.failure.reason, revision.fence) == ("VPC_LIMIT", 1)
    listing = infra_service_pb2.ListResourceChangesRequest(parent=name, page_size=2)
    first = await infra.ListResourceChanges(listing)
    listing.page_token = first.next_page_token
    rest = await infra.ListResourceChanges(listing)
    found = [*first.resource_changes, *rest.resource_changes]
    assert [one.address for one in found] == [change.address for change in changes]
    assert (found[1].resource_id, found[1].type) == ("subnet-2", "aws_subnet")
    assert found[1].state == deployment_pb2.RESOURCE_CHANGE_STATE_RECONCILED


async def test_what_is_not_there_is_named(stage: Stage, infra: infra_service_pb2_grpc.InfraServiceStub) -> None:
    get, revision = infra_service_pb2.GetDeploymentRequest, infra_service_pb2.GetRevisionRequest
    for name in ("workspaces/acme/deployments/none", "workspaces/other/deployments/e1"):
        assert await stage.refusal(infra.GetDeployment(get(name=name))) == ("NOT_FOUND", "DEPLOYMENT_NOT_FOUND")
    for name in ("", "deployments/e1", f"{DEPLOYMENT}/", "workspaces/../deployments/e1"):
        assert await stage.refusal(infra.GetDeployment(get(name=name))) == WRONG_NAME
    # A revision of another deployment is not this one's.
    for name in (f"{DEPLOYMENT}/revisions/none", f"{DEPLOYMENT}/revisions/op-3-destroy-1"):
        assert await stage.refusal(infra.GetRevision(revision(name=name))) == ("NOT_FOUND", "REVISION_NOT_FOUND")
    listing = infra_service_pb2.ListDeploymentsRequest
    wrong = listing(parent="workspaces/acme", page_size=-1)
    assert await stage.refusal(infra.ListDeployments(wrong)) == ("INVALID_ARGUMENT", "PAGE_SIZE_INVALID")
    forged = infra_service_pb2.ListRevisionsRequest(parent=DEPLOYMENT, page_token="!!")
    assert await stage.refusal(infra.ListRevisions(forged)) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")
    empty = await infra.ListDeployments(listing(parent="workspaces/nobody"))
    assert not empty.deployments and not empty.next_page_token


async def test_a_preview_is_not_there_yet(stage: Stage, infra: infra_service_pb2_grpc.InfraServiceStub) -> None:
    asked = infra_service_pb2.PreviewDeploymentRequest(parent="workspaces/acme")
    assert await stage.refusal(infra.PreviewDeployment(asked)) == ("UNIMPLEMENTED", "PREVIEW_NOT_SUPPORTED")


async def test_logs_are_read_on_behind_a_cursor(infra: infra_service_pb2_grpc.InfraServiceStub) -> None:
    asked = infra_service_pb2.StreamDeploymentLogsRequest(name=DEPLOYMENT)
    lines = [answer.line async for answer in infra.StreamDeploymentLogs(asked)]
    told = [("plan", "60 to add"), ("apply", "vpc: Creating..."), ("apply", "Error: no")]
    assert [(line.step, line.text) for line in lines] == told
    asked.after = lines[1].cursor
    assert [answer.line.text async for answer in infra.StreamDeploymentLogs(asked)] == ["Error: no"]


async def test_followed_logs_come_until_nothing_runs_any_more(
    stage: Stage, infra: infra_service_pb2_grpc.InfraServiceStub
) -> None:
    asked = infra_service_pb2.StreamDeploymentLogsRequest(name=DEPLOYMENT, follow=True)
    stream = infra.StreamDeploymentLogs(asked)
    gone = infra.StreamDeploymentLogs(asked)
    await gone.read()
    gone.cancel()  # a reader that goes away disturbs nobody
    async with asyncio.timeout(20):
        told = [(await stream.read()).line.text for _ in range(3)]
        assert told == ["60 to add", "vpc: Creating...", "Error: no"]
        await stage.log("e1", "op-1-deployment-1", "apply", "one more")
        assert (await stream.read()).line.text == "one more"
        await stage.fail("op-1-deployment-1", Failure("X", "x", kind=Kind.INTERNAL))
        assert await stream.read() is grpc.aio.EOF


async def test_the_registry_can_ask_how_far_a_hand_over_has_come(stage: Stage) -> None:
    stub = stage_service_pb2_grpc.StageServiceStub(stage.channel)
    key = hand_over_pb2.HandOver(uid="e1", operation="op-2", stage="deployment", attempt=1)
    answer = await stub.GetHandOver(stage_service_pb2.GetHandOverRequest(hand_over=key))
    assert (answer.state, answer.step, answer.failure.reason) == (
        hand_over_pb2.STAGE_STATE_FAILED, "second", "VPC_LIMIT",
    )  # fmt: skip
    key.attempt = 2
    asked = stub.GetHandOver(stage_service_pb2.GetHandOverRequest(hand_over=key))
    assert await stage.refusal(asked) == ("NOT_FOUND", "HAND_OVER_UNKNOWN")
