"""The listings' pages: all of it, each once, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1.infra_service_pb2_grpc import InfraServiceStub

from libs.grpckit.pages import token_of
from services.infra_engine.changes import Change, ChangeState, Intent
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.tables import RESOURCE_CHANGES, STAGE_TABLES
from tests.contract.infra_engine.attempts import ask
from tests.contract.stages import Stage

NAME = "workspaces/acme/deployments/e1"
REVISION = f"{NAME}/revisions/op-1-deployment-1"


async def walk(
    method: Callable[[Any], Awaitable[Any]], request: Any, field: str, between: Callable[[], Awaitable[None]] | None
) -> list[list[str]]:
    """The names of each page, to the last."""
    pages = []
    while True:
        answer = await method(request)
        pages.append([one.name.rpartition("/")[2] for one in getattr(answer, field)])
        request.page_token = answer.next_page_token
        if not request.page_token:
            return pages
        if between is not None:
            await between()


async def test_deployments_come_by_uid(stage: Stage, infra: InfraServiceStub) -> None:
    for number, uid in enumerate(["e3", "e1", "e2", "e1", "e5", "e4"]):
        await ask(stage, f"op-{number}", uid=uid)
    request = messages.ListDeploymentsRequest(parent="workspaces/acme", page_size=2)
    pages = await walk(infra.ListDeployments, request, "deployments", None)
    assert pages == [["e1", "e2"], ["e3", "e4"], ["e5"]]


async def test_the_last_page_may_be_full(stage: Stage, infra: InfraServiceStub) -> None:
    for number in range(4):
        await ask(stage, f"op-{number}")
    request = messages.ListRevisionsRequest(parent=NAME, page_size=2)
    pages = await walk(infra.ListRevisions, request, "revisions", None)
    assert [len(page) for page in pages] == [2, 2]


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_revision_begun_meanwhile_neither_repeats_nor_hides_another(
    stage: Stage, infra: InfraServiceStub, at_once: bool
) -> None:
    names = [await ask(stage, f"op-{number}") for number in range(5)]
    if at_once:
        async with stage.database.transaction() as connection:
            moment = STAGE_TABLES.attempts.select().with_only_columns(STAGE_TABLES.attempts.c.created_at).limit(1)
            found = await connection.scalar(moment)
            await connection.execute(STAGE_TABLES.attempts.update().values(created_at=found))
    newer = iter(range(5, 9))

    async def begin() -> None:
        await ask(stage, f"op-{next(newer)}")

    request = messages.ListRevisionsRequest(parent=NAME, page_size=2)
    pages = await walk(infra.ListRevisions, request, "revisions", begin)
    assert [name for page in pages for name in page] == list(reversed(names))


async def plan(stage: Stage, identifier: str, *addresses: str) -> dict[str, int]:
    changes = [Change(address, Intent.CREATE) for address in addresses]
    async with stage.database.transaction() as connection:
        kept = await ChangeRepository(stage.database).plan(connection, identifier, changes)
    return dict(kept.numbers)


async def test_changes_come_in_the_order_of_the_plan_and_what_is_planned_anew_keeps_its_number(
    stage: Stage, infra: InfraServiceStub
) -> None:
    identifier = await ask(stage, "op-1")
    names = [f"aws_vpc.v{number}" for number in range(3)]
    assert await plan(stage, identifier, *names) == dict(zip(names, (1, 2, 3), strict=True))
    repository = ChangeRepository(stage.database)
    async with stage.database.transaction() as connection:
        for state in (ChangeState.IN_PROGRESS, ChangeState.FAILED):
            await repository.update(connection, identifier, Change(names[2], Intent.CREATE, state, error="no"))
        await repository.update(connection, identifier, Change(names[0], Intent.CREATE, ChangeState.IN_PROGRESS))
    # A worker that goes on plans again: v0 and v1 have come to be meanwhile, though no row says so.
    assert (await plan(stage, identifier, names[2], "aws_vpc.more"))[names[2]] == 3

    request = messages.ListResourceChangesRequest(parent=REVISION, page_size=3)
    pages = await walk(infra.ListResourceChanges, request, "resource_changes", None)
    assert [len(page) for page in pages] == [3, 1] and pages[0] == ["1", "2", "3"]
    all_of_them = await infra.ListResourceChanges(messages.ListResourceChangesRequest(parent=REVISION))
    told = [(one.address[-2:], one.state, one.error) for one in all_of_them.resource_changes]
    reconciled, planned = 3, 1
    assert told == [("v0", reconciled, ""), ("v1", reconciled, ""), ("v2", planned, ""), ("re", planned, "")]
    times = [(one.HasField("start_time"), one.HasField("end_time")) for one in all_of_them.resource_changes]
    assert times == [(False, True), (False, True), (False, False), (False, False)]
    revision = await infra.GetRevision(messages.GetRevisionRequest(name=REVISION))
    assert (revision.resources_done, revision.resources_planned) == (2, 4)
    listed = await infra.ListRevisions(messages.ListRevisionsRequest(parent=NAME))
    assert list(listed.revisions) == [revision]


async def test_sizes_are_bounded(stage: Stage, infra: InfraServiceStub) -> None:
    identifier = await ask(stage, "op-1")
    row = {"attempt_id": identifier, "type": "aws_vpc", "intent": "CREATE", "state": "PLANNED"}
    rows = [{**row, "address": f"aws_vpc.v[{number}]", "number": number} for number in range(1, 1003)]
    async with stage.database.transaction() as connection:
        await connection.execute(RESOURCE_CHANGES.insert(), rows)
    for asked, served in ((0, 50), (1, 1), (1000, 1000), (2_000_000_000, 1000)):
        request = messages.ListResourceChangesRequest(parent=REVISION, page_size=asked)
        answer = await infra.ListResourceChanges(request)
        assert len(answer.resource_changes) == served and answer.next_page_token


async def test_a_token_that_was_not_given_is_refused(stage: Stage, infra: InfraServiceStub) -> None:
    await ask(stage, "op-1")
    foreign = await ask(stage, "op-2", uid="e2")
    preflight = await ask(stage, "op-3", "preflight")
    everywhere = ["!!", "AA", token_of("\x00"), token_of("É"), token_of("x" * 64), "a" * 5000]
    unknown = [token_of(text) for text in ("none", foreign, preflight)]
    numbers = [token_of(text) for text in ("-1", "1e3", "99999999999999999999", "²")]
    for method, request, tokens in (
        (infra.ListDeployments, messages.ListDeploymentsRequest(parent="workspaces/acme"), everywhere),
        (infra.ListRevisions, messages.ListRevisionsRequest(parent=NAME), [*everywhere, *unknown]),
        (infra.ListResourceChanges, messages.ListResourceChangesRequest(parent=REVISION), [*everywhere, *numbers]),
    ):
        for token in tokens:
            request.page_token = token
            assert await stage.refusal(method(request)) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID"), token[:20]
