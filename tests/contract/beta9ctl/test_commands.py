"""The other commands: what they ask, what they print, how they end."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from typing import Any

import pytest
import yaml
from provisioning.environment.v1.environment_pb2 import EnvironmentState

from libs.failures import Actor, Failure, Kind

NAME = "workspaces/default/environments/dev"


async def test_get_prints_what_a_person_wants_to_know(registry: Any, ctl: Any, make: Any) -> None:
    environment = make.active(state=EnvironmentState.ENVIRONMENT_STATE_FAILED)
    environment.failure.reason, environment.failure.message = "QUOTA", "No more VPCs."
    environment.failure.remedy = "Raise the quota."
    registry.environments[NAME] = environment

    done = await ctl("env", "get", "dev")

    assert done.code == 0
    assert "state       FAILED" in done.out
    assert "No more VPCs. (QUOTA)" in done.out and "Raise the quota." in done.out
    assert "cluster_name  beta9-dev" in done.out


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
async def test_get_prints_canonical_json_and_the_same_in_yaml(
    registry: Any, ctl: Any, make: Any, form: str, read: Any
) -> None:
    registry.environments[NAME] = make.active()

    done = await ctl("env", "get", NAME, "-o", form)

    data = read(done.out)
    assert data["name"] == NAME
    assert data["outputs"]["gatewayUrl"] == "https://beta9.example.com"


async def test_what_is_not_there_has_an_exit_code(registry: Any, ctl: Any) -> None:
    done = await ctl("env", "get", "dev")

    assert done.code == 3
    assert done.err.startswith(f"error: {NAME} does not exist. (ENVIRONMENT_NOT_FOUND)\n")
    assert "remedy: Look." in done.err


@pytest.mark.parametrize("words", [("env", "get", "Dev!"), ("-w", "Acme", "env", "list"), ("op", "get", "a/b")])
async def test_a_name_that_cannot_be_is_refused_here(registry: Any, ctl: Any, words: tuple[str, ...]) -> None:
    done = await ctl(*words)

    assert done.code == 2
    assert not registry.requests


async def test_list_reads_every_page(registry: Any, ctl: Any, make: Any) -> None:
    for number in range(5):
        registry.environments[f"workspaces/default/environments/dev{number}"] = make.active(f"dev{number}")

    table = await ctl("env", "list", "--show-deleted")
    data = await ctl("env", "list", "-o", "json")

    lines = table.out.splitlines()
    assert lines[0].split() == ["NAME", "STATE", "PROFILE", "REGION", "DOMAIN", "AGE"]
    assert [line.split()[:4] for line in lines[1:]] == [[f"dev{n}", "ACTIVE", "small", "us-east-1"] for n in range(5)]
    assert len(json.loads(data.out)["environments"]) == 5
    assert [request.page_token for request in registry.requests["ListEnvironments"]] == ["", "2", "4"] * 2
    assert [request.show_deleted for request in registry.requests["ListEnvironments"]] == [True] * 3 + [False] * 3


async def test_the_external_id_is_printed_alone(registry: Any, ctl: Any) -> None:
    for words in (["external-id"], ["workspace", "external-id"], ["-w", "acme", "external-id"]):
        assert (await ctl(*words)).out == "beta9-abc\n"

    assert [r.parent for r in registry.requests["IssueExternalId"]] == ["workspaces/default"] * 2 + ["workspaces/acme"]


async def test_delete_asks_nobody_where_there_is_nobody(
    registry: Any, ctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("dev\n"))

    done = await ctl("env", "delete", "dev")

    assert done.code == 2
    assert "Add --yes." in done.err
    assert not registry.requests


@pytest.mark.parametrize(("typed", "code", "sent"), [("dev\n", 0, 1), ("yes\n", 2, 0), ("", 2, 0)])
async def test_delete_on_a_terminal_wants_the_name_typed(
    registry: Any, ctl: Any, make: Any, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, sent: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    registry.answers["DeleteEnvironment"] = make.running("op-2", verb="VERB_DELETE")
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    done = await ctl("env", "delete", "dev")

    assert done.code == code
    assert len(registry.requests["DeleteEnvironment"]) == sent


async def test_delete_waits_and_lists_what_is_kept(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    gone = make.active(state=EnvironmentState.ENVIRONMENT_STATE_DELETED)
    gone.kept.add(resource="arn:aws:rds:us-east-1:222233334444:snapshot:final", reason="the final snapshot")
    registry.answers["DeleteEnvironment"] = make.running("op-2", verb="VERB_DELETE")
    await registry.put(registry.answers["DeleteEnvironment"], make.active())

    running = asyncio.create_task(ctl("env", "delete", "dev", "--yes", "--wait"))
    await until(lambda: registry.requests["WaitOperation"])
    await registry.put(make.succeeded(gone, "op-2", verb="VERB_DELETE"), gone)
    done = await running

    assert done.code == 0
    assert "dev is DELETED" in done.out
    assert "snapshot:final: the final snapshot" in done.out


async def test_retry_of_the_wrong_state_is_a_conflict(registry: Any, ctl: Any, make: Any) -> None:
    registry.answers["RetryEnvironment"] = make.running("op-3", verb="VERB_RETRY")
    registry.failures["RetryEnvironment"] = [
        Failure(
            "ENVIRONMENT_STATE_WRONG",
            "dev is ACTIVE; the states allowed are FAILED and CANCELLED.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.CUSTOMER,
        )
    ]

    refused = await ctl("env", "retry", "dev")
    taken = await ctl("env", "retry", "dev")

    assert (refused.code, taken.code) == (4, 0)
    assert refused.err.count("ACTIVE") == 1, "the precondition's detail must not repeat the sentence"
    assert len({request.request_id for request in registry.requests["RetryEnvironment"]}) == 2


async def test_cancel_cancels_the_running_operation(registry: Any, ctl: Any, make: Any) -> None:
    await registry.put(make.running(), make.active())

    done = await ctl("env", "cancel", "dev")

    assert done.code == 0
    assert [request.name for request in registry.requests["CancelOperation"]] == ["workspaces/default/operations/op-1"]


async def test_a_cancel_that_is_waited_for_has_done_its_job_when_the_operation_is_cancelled(
    registry: Any, ctl: Any, make: Any
) -> None:
    await registry.put(make.running(), make.active())
    cancelled = Failure("OPERATION_CANCELLED", "The operation was cancelled.", kind=Kind.CANCELLED)
    registry.answers["CancelOperation"] = make.failed(cancelled)

    done = await ctl("env", "cancel", "dev", "--wait")

    assert (done.code, done.out) == (0, "The operation was cancelled.\n")


async def test_where_nothing_runs_there_is_nothing_to_cancel(registry: Any, ctl: Any, make: Any) -> None:
    await registry.put(make.succeeded(make.active()), make.active())

    done = await ctl("env", "cancel", "dev")

    assert done.code == 4
    assert not registry.requests["CancelOperation"]


async def test_operations_are_shown_and_listed(registry: Any, ctl: Any, make: Any) -> None:
    registry.environments[NAME] = make.active()
    failure = Failure("QUOTA", "No more VPCs.", kind=Kind.RESOURCE_EXHAUSTED, remedy="Raise the quota.")
    await registry.put(make.failed(failure, "op-1", stage="deployment", step="apply"))
    await registry.put(make.running("op-2", verb="VERB_DELETE"))
    await registry.put(make.succeeded(make.active(), "op-3", target="workspaces/default/environments/other"))

    shown = await ctl("op", "get", "op-1")
    listed = await ctl("op", "list")
    one = await ctl("op", "list", "--environment", "other", "-o", "json")

    assert shown.code == 0
    assert "state        FAILED" in shown.out and "remedy: Raise the quota." in shown.out
    assert [line.split()[0] for line in listed.out.splitlines()] == ["OPERATION", "op-1", "op-2", "op-3"]
    assert [operation["name"][-4:] for operation in json.loads(one.out)["operations"]] == ["op-3"]


async def test_waiting_for_an_operation_that_failed_is_a_failure(registry: Any, ctl: Any, make: Any) -> None:
    await registry.put(make.failed(Failure("QUOTA", "No more VPCs.", remedy="Raise it.")), make.active())

    done = await ctl("op", "wait", "op-1")

    assert done.code == 1
    assert "error: No more VPCs. (QUOTA)" in done.err and "remedy: Raise it." in done.err


async def test_watch_of_a_name_that_is_not_there_ends(registry: Any, ctl: Any) -> None:
    assert (await ctl("env", "watch", "dev")).code == 3


async def test_watch_prints_a_line_a_change(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    await registry.put(make.staged("deployment", "RUNNING", "plan"), make.active())
    await registry.put(make.succeeded(make.active()))
    registry.end_watch_after = 2
    refused = Failure("FORBIDDEN", "No more of it.", kind=Kind.PERMISSION_DENIED)
    running = asyncio.create_task(ctl("env", "watch", "-o", "json"))
    await until(lambda: registry.requests["WatchEnvironments"])
    registry.failures["WatchEnvironments"] = [refused]
    done = await running

    assert done.code == 8
    assert [json.loads(line)["resumeMarker"] for line in done.out.splitlines()] == ["1", "2"]
