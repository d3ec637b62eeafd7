"""`env create`: what is sent, how it is repeated, how it is followed and how it ends."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from provisioning.environment.v1.environment_spec_pb2 import Provider

from libs.beta9ctl import following
from libs.failures import Actor, Failure, FieldViolation, Kind

EXAMPLE = str(Path(__file__).parents[3] / "examples" / "minimal.yaml")


async def test_the_document_is_sent_under_a_new_request_id(registry: Any, ctl: Any) -> None:
    done = await ctl("env", "create", "-f", EXAMPLE)

    [request] = registry.requests["CreateEnvironment"]
    assert (request.parent, request.environment_id) == ("workspaces/default", "dev")
    assert request.environment.spec.cloud.provider == Provider.PROVIDER_AWS
    assert uuid.UUID(request.request_id).version == 4
    assert (done.code, done.out) == (0, "create of dev accepted: operation op-1\n")
    assert "beta9ctl op wait op-1" in done.err


async def test_a_call_that_met_an_outage_is_repeated_under_the_same_request_id(
    registry: Any, ctl: Any, make: Any
) -> None:
    registry.failures["CreateEnvironment"] = [make.unavailable(), make.unavailable()]

    done = await ctl("env", "create", "-f", EXAMPLE)

    sent = registry.requests["CreateEnvironment"]
    assert done.code == 0
    assert len(sent) == 3
    assert len({request.request_id for request in sent}) == 1


@pytest.mark.parametrize("kind", [Kind.INTERNAL, Kind.ABORTED, Kind.RESOURCE_EXHAUSTED])
async def test_nothing_but_unavailable_is_repeated(registry: Any, ctl: Any, kind: Kind) -> None:
    registry.failures["CreateEnvironment"] = [Failure("ODD", "It went wrong.", kind=kind)]

    done = await ctl("env", "create", "-f", EXAMPLE)

    assert done.code != 0
    assert len(registry.requests["CreateEnvironment"]) == 1


async def test_an_outage_that_stays_says_what_the_service_said(registry: Any, ctl: Any, make: Any) -> None:
    registry.failures["CreateEnvironment"] = [make.unavailable() for _ in range(9)]

    done = await ctl("env", "create", "-f", EXAMPLE)

    assert done.code == 5
    assert "error: The database is away for a moment. (AWAY)" in done.err


async def test_a_registry_that_is_not_there_is_named_with_the_remedy(ctl: Any) -> None:
    done = await ctl("env", "create", "-f", EXAMPLE, "--address", "127.0.0.1:1")

    assert done.code == 5
    assert "The environment registry at 127.0.0.1:1 cannot be reached." in done.err
    assert "make up" in done.err and "ENVIRONMENT_REGISTRY_ADDRESS" in done.err


async def test_all_violations_are_listed_by_the_documents_own_paths(registry: Any, ctl: Any) -> None:
    registry.failures["CreateEnvironment"] = [
        Failure(
            "DOCUMENT_INVALID",
            "The document has fields that are wrong.",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.CUSTOMER,
            remedy="Change each field as its violation says.",
            violations=[
                FieldViolation("environment.spec.cloud.region", "Must be a region."),
                FieldViolation("environment.spec.beta9.domain", "Is missing."),
            ],
        )
    ]

    done = await ctl("env", "create", "-f", EXAMPLE)

    assert done.code == 2
    assert done.err.splitlines() == [
        "error: The document has fields that are wrong. (DOCUMENT_INVALID)",
        "  - cloud.region: Must be a region.",
        "  - beta9.domain: Is missing.",
        "  who must act: the customer who owns the account and the document",
        "  remedy: Change each field as its violation says.",
    ]


async def test_a_malformed_document_is_never_sent(registry: Any, ctl: Any, tmp_path: Path) -> None:
    path = tmp_path / "dev.yaml"
    path.write_text("name: dev\ncloud: {providr: aws}\nbeta9: {domain: [x]}\n")

    done = await ctl("env", "create", "-f", str(path))

    assert done.code == 2
    assert "has 2 mistakes; nothing was sent" in done.err
    assert "cloud.providr" in done.err and "beta9.domain" in done.err
    assert not registry.requests["CreateEnvironment"]


async def test_validate_only_creates_nothing(registry: Any, ctl: Any) -> None:
    done = await ctl("env", "create", "-f", EXAMPLE, "--validate-only", "--wait")

    assert (done.code, done.out) == (0, f"{EXAMPLE} is valid; nothing was created.\n")
    assert registry.requests["CreateEnvironment"][0].validate_only


async def test_a_request_id_can_be_given_and_must_be_one(registry: Any, ctl: Any) -> None:
    given = str(uuid.uuid4())

    good = await ctl("env", "create", "-f", EXAMPLE, "--request-id", given)
    bad = await ctl("env", "create", "-f", EXAMPLE, "--request-id", "again")

    assert (good.code, bad.code) == (0, 2)
    assert [request.request_id for request in registry.requests["CreateEnvironment"]] == [given]


async def test_waiting_ends_with_the_outputs(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait"))
    await until(lambda: registry.requests["WaitOperation"])
    await registry.put(make.succeeded(make.active()), make.active())
    done = await running

    assert done.code == 0
    assert done.out.startswith("dev is ACTIVE after ")
    assert "gateway_url   https://beta9.example.com" in done.out


async def test_json_is_all_that_standard_output_gets(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait", "-o", "json"))
    await until(lambda: registry.requests["WaitOperation"])
    await registry.put(make.succeeded(make.active()), make.active())
    done = await running

    assert json.loads(done.out)["state"] == "ENVIRONMENT_STATE_ACTIVE"


async def test_a_watch_that_breaks_goes_on_behind_its_marker(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    registry.end_watch_after = 1
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait"))
    for step in ("synthesize", "plan", "apply"):
        await until(lambda: len(registry.requests["WatchEnvironments"]) == len(registry.changes) + 1)
        counts = {"resources_done": 1, "resources_planned": 9} if step == "apply" else {}
        await registry.put(make.staged("deployment", "RUNNING", step, **counts))
    await until(lambda: len(registry.requests["WatchEnvironments"]) == len(registry.changes) + 1)
    await registry.put(make.succeeded(make.active()), make.active())
    done = await running

    assert done.code == 0
    assert [r.resume_marker for r in registry.requests["WatchEnvironments"]][:4] == ["", "1", "2", "3"]
    assert all(f"deployment: running, {step}" in done.err for step in ("synthesize", "plan", "apply"))
    assert "resources 1/9" in done.err


async def test_a_pruned_marker_starts_the_watch_again(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    registry.end_watch_after = 1
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait"))
    await until(lambda: registry.requests["WatchEnvironments"])
    registry.failures["WatchEnvironments"] = [
        Failure("RESUME_MARKER_PRUNED", "Gone.", kind=Kind.OUT_OF_RANGE, actor=Actor.CUSTOMER)
    ]
    await until(lambda: len(registry.requests["WatchEnvironments"]) >= 3)
    await registry.put(make.succeeded(make.active()), make.active())
    done = await running

    assert done.code == 0
    assert [r.resume_marker for r in registry.requests["WatchEnvironments"]][:3] == ["", "1", ""]


async def test_waiting_outlives_an_outage_of_the_registry(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    registry.failures["WaitOperation"] = [make.unavailable() for _ in range(6)]
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait"))
    await until(lambda: len(registry.requests["WaitOperation"]) == 7)
    await registry.put(make.succeeded(make.active()), make.active())
    done = await running

    assert done.code == 0
    assert "The operation goes on; trying again." in done.err
    assert done.err.count("trying again") == 1


async def test_waiting_gives_up_on_a_registry_that_stays_away(
    registry: Any, ctl: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following.follow, "__defaults__", (0.2,))
    registry.failures["WaitOperation"] = [make.unavailable() for _ in range(1000)]

    done = await ctl("env", "create", "-f", EXAMPLE, "--wait")

    assert done.code == 5


async def test_a_registry_without_wait_operation_is_asked(
    registry: Any, ctl: Any, make: Any, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    monkeypatch.setattr(following, "_POLL_SECONDS", 0.01)
    registry.failures["WaitOperation"] = [Failure("NO", "Not here.", kind=Kind.UNIMPLEMENTED)]
    registry.failures["WatchEnvironments"] = [Failure("NO", "Not here.", kind=Kind.UNIMPLEMENTED)]
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait"))
    await until(lambda: len(registry.requests["GetOperation"]) > 2)
    await registry.put(make.succeeded(make.active()), make.active())

    assert (await running).code == 0


async def test_a_failed_operation_says_all_that_is_known(registry: Any, ctl: Any, make: Any, until: Any) -> None:
    failure = Failure(
        "ROLE_NOT_ASSUMABLE",
        "The role cannot be assumed.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy="Let the role's trust policy require the external id.",
        resource_address="arn:aws:iam::222233334444:role/Beta9Provisioner",
        metadata={"aws_request_id": "abc"},
    )
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait"))
    await until(lambda: registry.requests["WaitOperation"])
    await registry.put(make.failed(failure, stage="state_backend", step="assume_role"))
    done = await running

    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-6:] == [
        "error: The role cannot be assumed. (ROLE_NOT_ASSUMABLE)",
        "  at: state_backend/assume_role, arn:aws:iam::222233334444:role/Beta9Provisioner",
        "  who must act: the customer who owns the account and the document",
        "  aws_request_id: abc",
        "  trace: 4bf92f3577b34da6a3ce929d0e0e4736",
        "  remedy: Let the role's trust policy require the external id.",
    ]


async def test_an_operation_that_a_delete_superseded_has_an_exit_code_of_its_own(
    registry: Any, ctl: Any, make: Any, until: Any
) -> None:
    failure = Failure("SUPERSEDED", "A delete has taken its place.", kind=Kind.CANCELLED, actor=Actor.NOBODY)
    running = asyncio.create_task(ctl("env", "create", "-f", EXAMPLE, "--wait"))
    await until(lambda: registry.requests["WaitOperation"])
    await registry.put(make.failed(failure))
    done = await running

    assert done.code == 6
    assert "SUPERSEDED" in done.err


async def test_a_wait_can_be_bounded(registry: Any, ctl: Any) -> None:
    done = await ctl("env", "create", "-f", EXAMPLE, "--wait", "--timeout", "1s")

    assert done.code == 7
    assert "It is not done after 1 seconds; the operation goes on." in done.err
    assert "beta9ctl op wait op-1" in done.err
    assert not registry.requests["CancelOperation"]


async def test_a_name_that_is_taken_is_a_conflict(registry: Any, ctl: Any) -> None:
    registry.failures["CreateEnvironment"] = [
        Failure("ENVIRONMENT_EXISTS", "dev exists already.", kind=Kind.ALREADY_EXISTS, actor=Actor.CUSTOMER)
    ]

    done = await ctl("env", "create", "-f", EXAMPLE)

    assert done.code == 4
    assert "(ENVIRONMENT_EXISTS)" in done.err
