"""What a deployment tells of its runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from provisioning.environment.v1.hand_over_pb2 import StageState
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1.deployment_pb2 import Deployment
from provisioning.infra.v1.infra_service_pb2_grpc import InfraServiceStub

from libs.failures import Failure
from libs.persistence import Database
from libs.stages import AttemptState
from tests.contract.infra_engine.attempts import ask, end, run
from tests.contract.stages import Stage

NAME = "workspaces/acme/deployments/e1"


async def deployment(infra: InfraServiceStub) -> Deployment:
    found: Deployment = await infra.GetDeployment(messages.GetDeploymentRequest(name=NAME))
    return found


async def test_its_outputs_are_those_of_what_is_there(stage: Stage, infra: InfraServiceStub) -> None:
    """An update or a destroy that runs, or has failed, takes nothing of what is known."""
    created = await ask(stage, "op-1")
    assert not (await deployment(infra)).outputs.vpc_id
    await run(stage, created, {"vpc_id": "vpc-1", "redis_port": 6379, "unknown_to_the_contract": {"a": 1}})
    assert (await deployment(infra)).state == StageState.STAGE_STATE_RUNNING
    await end(stage, created, AttemptState.SUCCEEDED)

    updated = await ask(stage, "op-2")
    found = await deployment(infra)
    assert (found.latest_revision, found.state) == (f"{NAME}/revisions/{updated}", StageState.STAGE_STATE_REQUESTED)
    assert (found.outputs.vpc_id, found.outputs.redis_port) == ("vpc-1", 6379)
    await run(stage, updated, {"vpc_id": "vpc-2"})
    assert (await deployment(infra)).outputs.vpc_id == "vpc-2"
    await end(stage, updated, AttemptState.SUCCEEDED)

    failed = await ask(stage, "op-3", "destroy")
    await stage.fail(failed, Failure("X", "x"))
    found = await deployment(infra)
    assert (found.outputs.vpc_id, found.state) == ("vpc-2", StageState.STAGE_STATE_FAILED)

    destroyed = await ask(stage, "op-4", "destroy")
    await run(stage, destroyed)
    assert (await deployment(infra)).outputs.vpc_id == "vpc-2"
    await end(stage, destroyed, AttemptState.SUCCEEDED)
    found = await deployment(infra)
    assert (found.state, found.ListFields()[-1][0].name) == (StageState.STAGE_STATE_SUCCEEDED, "create_time")
    assert not found.outputs.ListFields()
    listed = await infra.ListDeployments(messages.ListDeploymentsRequest(parent="workspaces/acme"))
    assert list(listed.deployments) == [found]


async def test_other_work_of_the_service_is_no_revision_but_has_logs(stage: Stage, infra: InfraServiceStub) -> None:
    other = await ask(stage, "op-1", "preflight")
    await stage.log("e1", other, "quotas", "5 VPCs allowed")
    get = messages.GetDeploymentRequest(name=NAME)
    assert await stage.refusal(infra.GetDeployment(get)) == ("NOT_FOUND", "DEPLOYMENT_NOT_FOUND")
    listing = messages.ListDeploymentsRequest(parent="workspaces/acme")
    assert not (await infra.ListDeployments(listing)).deployments
    lines = infra.StreamDeploymentLogs(messages.StreamDeploymentLogsRequest(name=NAME))
    assert [answer.line.text async for answer in lines] == ["5 VPCs allowed"]

    applied = await ask(stage, "op-2")
    await ask(stage, "op-3", "preflight")
    assert (await deployment(infra)).latest_revision == f"{NAME}/revisions/{applied}"
    revisions = await infra.ListRevisions(messages.ListRevisionsRequest(parent=NAME))
    assert [one.name.rpartition("/")[2] for one in revisions.revisions] == [applied]
    revision = messages.GetRevisionRequest(name=f"{NAME}/revisions/{other}")
    assert await stage.refusal(infra.GetRevision(revision)) == ("NOT_FOUND", "REVISION_NOT_FOUND")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    told: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        told.append(statement)

    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield told
    sa.event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_a_page_of_deployments_costs_what_one_does(
    stage: Stage, database: Database, infra: InfraServiceStub
) -> None:
    for number in range(12):
        await ask(stage, f"op-{number}", uid=f"e{number % 4}")
    with statements(database) as for_one:
        await deployment(infra)
    with statements(database) as for_all:
        listing = messages.ListDeploymentsRequest(parent="workspaces/acme")
        assert len((await infra.ListDeployments(listing)).deployments) == 4
    assert len(for_one) == len(for_all) == 1


@pytest.mark.parametrize("kind", ["deployment", "destroy"])
async def test_one_of_another_workspace_with_the_same_uid_is_another(
    stage: Stage, infra: InfraServiceStub, kind: str
) -> None:
    await ask(stage, "op-1", kind)
    get = messages.GetDeploymentRequest(name="workspaces/other/deployments/e1")
    assert await stage.refusal(infra.GetDeployment(get)) == ("NOT_FOUND", "DEPLOYMENT_NOT_FOUND")
    logs = infra.StreamDeploymentLogs(messages.StreamDeploymentLogsRequest(name=get.name))
    assert await stage.refusal(logs.read()) == ("NOT_FOUND", "DEPLOYMENT_NOT_FOUND")
