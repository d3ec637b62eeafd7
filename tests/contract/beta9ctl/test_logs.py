"""`env logs`: two services' logs as one."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from provisioning.environment.v1.hand_over_pb2 import LogLine

NAME = "workspaces/default/environments/dev"


def line(cursor: int, second: int, text: str, step: str = "apply") -> LogLine:
    made = LogLine(cursor=cursor, step=step, text=text)
    made.time.FromSeconds(1_800_000_000 + second)
    return made


@pytest.fixture(autouse=True)
def environment(registry: Any, make: Any) -> None:
    registry.environments[NAME] = make.active()
    registry.operations["workspaces/default/operations/op-1"] = make.succeeded(make.active())


async def test_lines_of_both_are_merged_by_time(logs: Any, ctl: Any) -> None:
    logs.deployment += [line(1, 0, "a"), line(2, 10, "c"), line(3, 10, "d")]
    logs.bootstrap += [line(1, 5, "b", "install"), line(2, 20, "e", "install")]

    done = await ctl("env", "logs", "dev")

    assert done.code == 0
    assert [text.rpartition(" | ")[2] for text in done.out.splitlines()] == list("abcde")
    assert done.out.splitlines()[1] == "2027-01-15T08:00:05Z bootstrap/install | b"
    assert logs.requests[0].name == "workspaces/default/deployments/e1-dev"
    assert (logs.requests[1].parent, logs.requests[1].uid) == ("workspaces/default", "e1-dev")


async def test_a_service_that_knows_nothing_of_it_yet_has_no_lines(logs: Any, ctl: Any) -> None:
    logs.deployment += [line(1, 0, "a")]
    logs.bootstrap = None

    done = await ctl("env", "logs", "dev", "-o", "json")

    assert done.code == 0
    assert [json.loads(text)["text"] for text in done.out.splitlines()] == ["a"]


async def test_following_ends_with_the_operation_and_loses_and_repeats_nothing(
    registry: Any, logs: Any, ctl: Any, make: Any, until: Any
) -> None:
    registry.operations["workspaces/default/operations/op-1"] = make.running()
    logs.deployment += [line(1, 0, "a")]
    running = asyncio.create_task(ctl("env", "logs", "dev", "-f"))
    await until(lambda: sum(request.follow for request in logs.requests) == 2)
    await logs.add(logs.deployment, line(2, 1, "b"))
    await logs.add(logs.bootstrap, line(1, 2, "c"))
    await logs.end()
    await logs.add(logs.deployment, line(3, 3, "d"))
    await registry.put(make.succeeded(make.active()))
    done = await running

    assert done.code == 0
    told = [text.rpartition(" | ")[2] for text in done.out.splitlines()]
    # What comes from two services at once has no order, only what comes from one.
    assert sorted(told) == list("abcd") and [one for one in told if one != "c"] == list("abd")


async def test_following_what_is_done_already_ends_at_once(logs: Any, ctl: Any) -> None:
    logs.deployment += [line(1, 0, "a")]

    done = await ctl("env", "logs", "dev", "--follow")

    assert done.out.count("\n") == 1


async def test_an_engine_that_is_away_is_named(logs: Any, ctl: Any) -> None:
    done = await ctl("env", "logs", "dev", "--infra-address", "127.0.0.1:1")

    assert done.code == 5
    assert "The infra engine at 127.0.0.1:1 cannot be reached." in done.err
    assert "INFRA_ENGINE_ADDRESS" in done.err
