"""BootstrapService: each method's answers and refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc.aio
import pytest
from provisioning.bootstrap.v1 import bootstrap_service_pb2, bootstrap_service_pb2_grpc, events_pb2
from provisioning.environment.v1 import hand_over_pb2

from libs.failures import Actor, Failure, Kind
from libs.persistence import Database
from libs.stages import AttemptRepository
from libs.stages.log import LogReader
from services.cluster_bootstrapper.api import BootstrapServicer
from services.cluster_bootstrapper.tables import METADATA, STAGE_TABLES
from tests.contract.stage_services.serving import Stage, served

Stub = bootstrap_service_pb2_grpc.BootstrapServiceStub


def register(database: Database, attempts: AttemptRepository, server: grpc.aio.Server) -> None:
    servicer = BootstrapServicer(attempts, LogReader(database, STAGE_TABLES))
    bootstrap_service_pb2_grpc.add_BootstrapServiceServicer_to_server(servicer, server)


@pytest.fixture
async def stage(postgres_url: str) -> AsyncIterator[Stage]:
    """Both phases of environment e1, of which the second failed, and one of e2."""
    service = "provisioning.bootstrap.v1.BootstrapService"
    async with served(postgres_url, METADATA, STAGE_TABLES, register, service) as stage:
        await stage.attempt(events_pb2.BootstrapRequested(), "baseline", uid="e1")
        failed = await stage.attempt(events_pb2.BootstrapRequested(), "beta9", uid="e1")
        await stage.log("e1", failed, "install_beta9", "installing")
        silent = Failure("GATEWAY_NEVER_ANSWERED", "Silence.", kind=Kind.DEADLINE_EXCEEDED, actor=Actor.PLATFORM)
        await stage.fail(failed, silent)
        await stage.attempt(events_pb2.DrainRequested(), "drain", uid="e2", operation="op-2")
        yield stage


@pytest.fixture
def bootstrap(stage: Stage) -> Stub:
    return Stub(stage.channel)


async def test_a_bootstrap_tells_its_steps_and_why_it_failed(bootstrap: Stub) -> None:
    name = "workspaces/acme/bootstraps/op-1-beta9-1"
    found = await bootstrap.GetBootstrap(bootstrap_service_pb2.GetBootstrapRequest(name=name))
    assert (found.hand_over.uid, found.hand_over.stage, found.failure.reason) == (
        "e1", "beta9", "GATEWAY_NEVER_ANSWERED",
    )  # fmt: skip
    states = [(step.step, step.state) for step in found.steps]
    assert states == [
        ("first", hand_over_pb2.STAGE_STATE_SUCCEEDED),
        ("second", hand_over_pb2.STAGE_STATE_FAILED),
    ]


async def test_bootstraps_come_in_pages_newest_first_and_by_environment(bootstrap: Stub) -> None:
    listing = bootstrap_service_pb2.ListBootstrapsRequest(parent="workspaces/acme", page_size=2)
    first = await bootstrap.ListBootstraps(listing)
    listing.page_token = first.next_page_token
    rest = await bootstrap.ListBootstraps(listing)
    stages = [one.hand_over.stage for one in (*first.bootstraps, *rest.bootstraps)]
    assert stages == ["drain", "beta9", "baseline"] and not rest.next_page_token
    of_one = bootstrap_service_pb2.ListBootstrapsRequest(parent="workspaces/acme", uid="e2")
    assert [one.hand_over.stage for one in (await bootstrap.ListBootstraps(of_one)).bootstraps] == ["drain"]


async def test_what_is_not_there_or_malformed_is_named(stage: Stage, bootstrap: Stub) -> None:
    get = bootstrap_service_pb2.GetBootstrapRequest
    for name in ("workspaces/acme/bootstraps/none", "workspaces/other/bootstraps/op-1-beta9-1"):
        assert await stage.refusal(bootstrap.GetBootstrap(get(name=name))) == ("NOT_FOUND", "BOOTSTRAP_NOT_FOUND")
    for name in ("", "bootstraps/op-1-beta9-1"):
        assert await stage.refusal(bootstrap.GetBootstrap(get(name=name))) == ("INVALID_ARGUMENT", "NAME_INVALID")
    forged = bootstrap_service_pb2.ListBootstrapsRequest(parent="workspaces/acme", page_token="x")
    assert await stage.refusal(bootstrap.ListBootstraps(forged)) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")
    kubeconfig = bootstrap_service_pb2.GenerateKubeconfigRequest()
    refused = await stage.refusal(bootstrap.GenerateKubeconfig(kubeconfig))
    assert refused == ("UNIMPLEMENTED", "KUBECONFIG_NOT_SUPPORTED")


async def test_logs_are_an_environments_own(bootstrap: Stub) -> None:
    asked = bootstrap_service_pb2.StreamBootstrapLogsRequest(parent="workspaces/acme", uid="e1")
    assert [answer.line.text async for answer in bootstrap.StreamBootstrapLogs(asked)] == ["installing"]
    asked.parent = "workspaces/other"
    assert [answer async for answer in bootstrap.StreamBootstrapLogs(asked)] == []
