"""BootstrapService: each method's answers and refusals."""

from __future__ import annotations

import asyncio

import grpc
import grpc.aio
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from provisioning.bootstrap.v1 import bootstrap_service_pb2 as messages
from provisioning.environment.v1 import hand_over_pb2, stage_service_pb2, stage_service_pb2_grpc

from tests.contract.cluster_bootstrapper.conftest import Served

SERVICES = ["provisioning.bootstrap.v1.BootstrapService", "provisioning.environment.v1.StageService"]
NAME_INVALID = ("INVALID_ARGUMENT", "NAME_INVALID")


async def _stages(served: Served, asked: messages.ListBootstrapsRequest) -> list[list[str]]:
    """The stages of each page."""
    pages = []
    while True:
        page = await served.stub.ListBootstraps(asked)
        pages.append([one.hand_over.stage for one in page.bootstraps])
        if not page.next_page_token:
            return pages
        asked.page_token = page.next_page_token


async def _lines(served: Served, asked: messages.StreamBootstrapLogsRequest) -> list[str]:
    return [answer.line.text async for answer in served.stub.StreamBootstrapLogs(asked)]


@pytest.mark.parametrize("service", ["", *SERVICES])
async def test_it_is_healthy(channel: grpc.aio.Channel, service: str) -> None:
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_its_methods_can_be_looked_up(bootstrapper: tuple[str, str]) -> None:
    with grpc.insecure_channel(bootstrapper[0]) as channel:
        reflection = ProtoReflectionDescriptorDatabase(channel)
        assert set(SERVICES) <= set(reflection.get_services())
        found = reflection.FindFileContainingSymbol(SERVICES[0])
        (service,) = found.service
    assert [method.name for method in service.method] == [
        "GetBootstrap", "ListBootstraps", "StreamBootstrapLogs", "GenerateKubeconfig",
    ]  # fmt: skip


async def test_a_bootstrap_that_was_only_asked_for(served: Served) -> None:
    name = await served.bootstrap("baseline")
    found = await served.stub.GetBootstrap(messages.GetBootstrapRequest(name=name))
    assert (found.name, found.state) == (name, hand_over_pb2.STAGE_STATE_REQUESTED)
    assert found.hand_over == hand_over_pb2.HandOver(
        environment=f"{served.parent}/environments/{served.uid('e1')}",
        uid=served.uid("e1"),
        operation=served.operation("op1"),
        stage="baseline",
        attempt=1,
    )
    assert found.HasField("create_time") and not found.HasField("end_time")
    assert not found.steps and not found.HasField("failure")


async def test_a_bootstrap_tells_its_steps_and_why_it_failed(served: Served) -> None:
    name = await served.bootstrap("beta9")
    await served.fail(name)
    found = await served.stub.GetBootstrap(messages.GetBootstrapRequest(name=name))
    assert [(step.step, step.state, step.HasField("start_time")) for step in found.steps] == [
        ("first", hand_over_pb2.STAGE_STATE_SUCCEEDED, True),
        ("second", hand_over_pb2.STAGE_STATE_FAILED, True),
    ]
    assert found.state == hand_over_pb2.STAGE_STATE_FAILED and found.HasField("end_time")
    assert (found.failure.reason, found.failure.remedy) == ("GATEWAY_NEVER_ANSWERED", "See its log.")


async def test_a_bootstrap_that_is_not_there_or_is_anothers(served: Served) -> None:
    name = await served.bootstrap("baseline")
    identifier = name.rpartition("/")[2]
    for other in (f"{served.parent}/bootstraps/none", f"workspaces/other/bootstraps/{identifier}"):
        refused = await served.stage.refusal(served.stub.GetBootstrap(messages.GetBootstrapRequest(name=other)))
        assert refused == ("NOT_FOUND", "BOOTSTRAP_NOT_FOUND")


async def test_bootstraps_come_in_pages_newest_first_and_by_environment(served: Served) -> None:
    await served.bootstrap("baseline")
    await served.bootstrap("beta9")
    await served.bootstrap("baseline", uid="e2", operation="op2")
    await served.bootstrap("drain", operation="op3")
    every = ["drain", "baseline", "beta9", "baseline"]
    for size, pages in (
        (3, [every[:3], every[3:]]),
        (2, [every[:2], every[2:]]),
        (4, [every]),
        (0, [every]),
        (2**31 - 1, [every]),  # more than there may be is as many as there may be
    ):
        assert await _stages(served, messages.ListBootstrapsRequest(parent=served.parent, page_size=size)) == pages
    of_one = messages.ListBootstrapsRequest(parent=served.parent, uid=served.uid("e1"), page_size=2)
    assert await _stages(served, of_one) == [["drain", "beta9"], ["baseline"]]
    of_none = messages.ListBootstrapsRequest(parent=served.parent, uid="nobody")
    assert await _stages(served, of_none) == [[]]
    foreign = messages.ListBootstrapsRequest(parent="workspaces/other-than-that", uid=served.uid("e1"))
    assert await _stages(served, foreign) == [[]]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"parent": ""}, NAME_INVALID),
        ({"parent": "workspaces/"}, NAME_INVALID),
        ({"parent": "workspaces/a/environments/b"}, NAME_INVALID),
        ({"uid": "E1"}, NAME_INVALID),
        ({"uid": "e\0"}, NAME_INVALID),
        ({"page_size": -1}, ("INVALID_ARGUMENT", "PAGE_SIZE_INVALID")),
        ({"page_token": "x"}, ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")),
        ({"page_token": "LTE"}, ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")),  # -1
    ],
)
async def test_a_list_that_cannot_be(served: Served, changed: dict[str, str | int], refusal: tuple[str, str]) -> None:
    asked = messages.ListBootstrapsRequest(**{"parent": served.parent, **changed})  # type: ignore[arg-type]
    assert await served.stage.refusal(served.stub.ListBootstraps(asked)) == refusal


@pytest.mark.parametrize("name", ["", "bootstraps/x", "workspaces/a/bootstraps/", "workspaces/a/bootstraps/x/y"])
async def test_a_name_of_another_form(served: Served, name: str) -> None:
    asked = messages.GetBootstrapRequest(name=name)
    assert await served.stage.refusal(served.stub.GetBootstrap(asked)) == NAME_INVALID


async def test_logs_are_one_environments_and_are_read_on_behind_a_cursor(served: Served) -> None:
    first, second = await served.bootstrap("baseline"), await served.bootstrap("beta9")
    other = await served.bootstrap("baseline", uid="e2", operation="op2")
    await served.log(first, "wait_for_nodes", "one of two", "two of two")
    await served.log(other, "wait_for_nodes", "of another", uid="e2")
    await served.log(second, "install_beta9", "installing")
    asked = messages.StreamBootstrapLogsRequest(parent=served.parent, uid=served.uid("e1"))
    lines = [answer.line async for answer in served.stub.StreamBootstrapLogs(asked)]
    assert [(line.step, line.text, line.HasField("time")) for line in lines] == [
        ("wait_for_nodes", "one of two", True),
        ("wait_for_nodes", "two of two", True),
        ("install_beta9", "installing", True),
    ]
    for seen, rest in ((0, ["two of two", "installing"]), (1, ["installing"]), (2, [])):
        asked.after = lines[seen].cursor
        assert await _lines(served, asked) == rest
    asked.after = 2**63 - 1
    assert await _lines(served, asked) == []
    asked.after, asked.parent = 0, "workspaces/other"
    assert await _lines(served, asked) == []


async def test_followed_logs_come_until_nothing_runs_any_more(served: Served) -> None:
    name = await served.bootstrap("beta9")
    await served.log(name, "install_beta9", "installing")
    asked = messages.StreamBootstrapLogsRequest(parent=served.parent, uid=served.uid("e1"), follow=True)
    stream, gone = served.stub.StreamBootstrapLogs(asked), served.stub.StreamBootstrapLogs(asked)
    async with asyncio.timeout(30):
        await gone.read()
        gone.cancel()  # a reader that goes away disturbs nobody
        assert (await stream.read()).line.text == "installing"
        await served.log(name, "wait_for_gateway", "not healthy yet")
        assert (await stream.read()).line.text == "not healthy yet"
        await served.fail(name)
        assert await stream.read() is grpc.aio.EOF


@pytest.mark.parametrize("changed", [{"parent": "acme"}, {"uid": ""}, {"uid": "e\0"}])
async def test_logs_of_what_cannot_be(served: Served, changed: dict[str, str]) -> None:
    asked = messages.StreamBootstrapLogsRequest(**{"parent": served.parent, "uid": "e1", **changed})
    assert await served.stage.refusal(served.stub.StreamBootstrapLogs(asked).read()) == NAME_INVALID


async def test_a_kubeconfig_is_not_there_yet(served: Served) -> None:
    asked = messages.GenerateKubeconfigRequest(environment=f"{served.parent}/environments/dev")
    refused = await served.stage.refusal(served.stub.GenerateKubeconfig(asked))
    assert refused == ("UNIMPLEMENTED", "KUBECONFIG_NOT_SUPPORTED")


async def test_the_registry_can_ask_how_far_a_hand_over_has_come(served: Served) -> None:
    name = await served.bootstrap("beta9")
    ask = stage_service_pb2_grpc.StageServiceStub(served.stage.channel).GetHandOver
    key = hand_over_pb2.HandOver(uid=served.uid("e1"), operation=served.operation("op1"), stage="beta9", attempt=1)
    request: Message = stage_service_pb2.GetHandOverRequest(hand_over=key)
    answer = await ask(request)
    assert (answer.state, answer.step) == (hand_over_pb2.STAGE_STATE_REQUESTED, "")
    await served.fail(name)
    answer = await ask(request)
    assert (answer.state, answer.step, answer.failure.reason) == (
        hand_over_pb2.STAGE_STATE_FAILED, "second", "GATEWAY_NEVER_ANSWERED",
    )  # fmt: skip
    key.attempt = 2
    unknown = ask(stage_service_pb2.GetHandOverRequest(hand_over=key))
    assert await served.stage.refusal(unknown) == ("NOT_FOUND", "HAND_OVER_UNKNOWN")
