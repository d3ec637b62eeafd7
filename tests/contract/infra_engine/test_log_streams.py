"""Streams of logs: from any cursor on, to the end of what runs, for as long as the client likes."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc.aio
import pytest
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1.infra_service_pb2_grpc import InfraServiceStub

from libs.stages import AttemptState
from libs.stages import log as log_module
from tests.contract.infra_engine.attempts import WatchedReader, ask, end, run
from tests.contract.stages import Stage

NAME = "workspaces/acme/deployments/e1"


@pytest.fixture(autouse=True)
def quick_polls_and_small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_POLL_SECONDS", 0.02)
    monkeypatch.setattr(log_module, "_LINES_PER_CHUNK", 10)


def open_stream(infra: InfraServiceStub, *, after: int = 0, follow: bool = False) -> Any:
    return infra.StreamDeploymentLogs(messages.StreamDeploymentLogsRequest(name=NAME, after=after, follow=follow))


async def rest(stream: Any) -> list[str]:
    async with asyncio.timeout(30):
        return [answer.line.text async for answer in stream]


async def test_reading_goes_on_behind_any_cursor(stage: Stage, infra: InfraServiceStub) -> None:
    written = [f"line {number}" for number in range(21)]
    await stage.log("e1", await ask(stage, "op-1"), "plan", *written)
    await stage.log("e2", await ask(stage, "op-2", uid="e2"), "plan", "another's")
    await stage.log("e1", await ask(stage, "op-3"), "apply", *(more := ["more", ""]))

    lines = [answer.line async for answer in open_stream(infra)]

    assert [line.text for line in lines] == [*written, *more]
    assert [line.step for line in lines][20:] == ["plan", "apply", "apply"]
    cursors = [line.cursor for line in lines]
    assert cursors == sorted(set(cursors)) and cursors[0] > 0
    assert all(line.HasField("time") for line in lines)
    for place in range(len(cursors)):
        assert await rest(open_stream(infra, after=cursors[place])) == [*written, *more][place + 1 :]
    assert not await rest(open_stream(infra, after=2**63 - 1))
    assert len(await rest(open_stream(infra, after=-1))) == 23


async def test_following_goes_over_to_the_next_run_and_ends_with_the_last(
    stage: Stage, infra: InfraServiceStub
) -> None:
    first = await ask(stage, "op-1")
    stream = open_stream(infra, follow=True)
    await run(stage, first)
    async with asyncio.timeout(30):
        for text in ("a", "b"):
            await stage.log("e1", first, "apply", text)
            assert (await stream.read()).line.text == text
        second = await ask(stage, "op-2", "destroy")
        await end(stage, first, AttemptState.STOPPED)
        await stage.log("e1", second, "destroy", "c")
        assert (await stream.read()).line.text == "c"
        await run(stage, second)
        await stage.log("e1", second, "destroy", "the last words", "are told")
        await end(stage, second, AttemptState.SUCCEEDED)
        assert [(await stream.read()).line.text for _ in range(2)] == ["the last words", "are told"]
        assert await stream.read() is grpc.aio.EOF
    assert await rest(open_stream(infra, follow=True)) == ["a", "b", "c", "the last words", "are told"]


@pytest.mark.parametrize("lines", [0, 1])
async def test_nothing_is_read_any_more_for_a_client_that_went_away(
    stage: Stage, infra: InfraServiceStub, reader: WatchedReader, lines: int
) -> None:
    """Whether it goes while it reads, or while it waits for lines to come."""
    identifier = await ask(stage, "op-1")
    stays = open_stream(infra, follow=True)
    goes = open_stream(infra, follow=True)
    await stage.log("e1", identifier, "apply", *["said"] * lines)
    async with asyncio.timeout(30):
        for stream in (stays, goes):
            await reader.begun.get()
            if lines:
                assert (await stream.read()).line.text == "said"
        goes.cancel()
        assert await reader.ended.get() == "e1" and reader.ended.empty()
        await stage.log("e1", identifier, "apply", "for who stayed")
        assert (await stays.read()).line.text == "for who stayed"
        await run(stage, identifier)
        await end(stage, identifier, AttemptState.SUCCEEDED)
        assert await stays.read() is grpc.aio.EOF
        assert await reader.ended.get() == "e1"


async def test_a_deadline_ends_a_stream_that_waits(
    stage: Stage, infra: InfraServiceStub, reader: WatchedReader
) -> None:
    await ask(stage, "op-1")
    request = messages.StreamDeploymentLogsRequest(name=NAME, follow=True)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in infra.StreamDeploymentLogs(request, timeout=2):
            pass
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    async with asyncio.timeout(30):
        assert await reader.ended.get() == "e1"
