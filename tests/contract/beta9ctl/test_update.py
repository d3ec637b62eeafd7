"""`env update` and `env rotate`: what is shown, asked and sent, and how they end."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1.operation_pb2 import FieldChange, Verb
from provisioning.environment.v1.planned_change_pb2 import Impact, PlannedChange

from libs.beta9ctl.commands.rotate import credential
from libs.beta9ctl.parser_commands import CREDENTIALS
from libs.failures import Actor, Failure, FieldViolation, Kind

EXAMPLE = str(Path(__file__).parents[3] / "examples" / "minimal.yaml")
NAME = "workspaces/default/environments/dev"
CHANGES = [
    FieldChange(path="spec.cluster.node_labels", impact=Impact.IMPACT_IN_PLACE),
    FieldChange(path="spec.data.postgres.size", impact=Impact.IMPACT_DISRUPTIVE),
]
PLANNED = [
    PlannedChange(
        address="aws_db_instance.database", action="update", impact=Impact.IMPACT_DISRUPTIVE, paths=["instance_class"]
    )
]


@pytest.fixture
def present(registry: Any, make: Any) -> Any:
    """An environment that can be updated: the check tells two changes, the update goes on."""
    environment = make.active()
    environment.etag = "v7"
    registry.environments[NAME] = environment
    checked = make.succeeded(environment, verb=Verb.VERB_UPDATE, field_changes=CHANGES)
    checked.name = ""
    registry.answers["checked"] = checked
    registry.answers["UpdateEnvironment"] = make.running(verb=Verb.VERB_UPDATE)
    registry.answers["RotateCredentials"] = make.running(verb=Verb.VERB_ROTATE)
    return registry


def terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    stream = io.StringIO(typed)
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", stream)


async def test_what_changes_is_shown_before_the_whole_document_is_sent(present: Any, ctl: Any) -> None:
    done = await ctl("env", "update", "dev", "-f", EXAMPLE, "--yes", "--allow-data-loss")

    checked, sent = present.requests["UpdateEnvironment"]
    assert (checked.validate_only, checked.request_id, sent.validate_only) == (True, "", False)
    assert uuid.UUID(sent.request_id).version == 4
    for request in (checked, sent):
        assert (request.environment.name, request.environment.etag, request.allow_data_loss) == (NAME, "v7", True)
        assert request.environment.spec.beta9.domain == "beta9.example.com"
        assert list(request.update_mask.paths) == ["spec"]
    assert (done.code, done.out) == (0, "update of dev accepted: operation op-1\n")
    assert [line.split() for line in done.err.splitlines()[:3]] == [
        ["FIELD", "CHANGE", "IS"],
        ["cluster.node_labels", "in", "place"],
        ["data.postgres.size", "disruptive"],
    ]


@pytest.mark.parametrize(
    ("typed", "sends"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False), ("", False)]
)
async def test_a_person_on_a_terminal_is_asked(
    present: Any, ctl: Any, monkeypatch: pytest.MonkeyPatch, typed: str, sends: bool
) -> None:
    terminal(monkeypatch, typed)

    done = await ctl("env", "update", "dev", "-f", EXAMPLE)

    assert "Update dev? [y/N]" in done.err
    assert (done.code, len(present.requests["UpdateEnvironment"])) == ((0, 2) if sends else (2, 1))
    assert sends or "Nothing was changed." in done.err


async def test_where_there_is_nobody_to_ask_nothing_is_sent(
    present: Any, ctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    done = await ctl("env", "update", "dev", "-f", EXAMPLE)

    assert done.code == 2 and "Add --yes." in done.err
    assert [request.validate_only for request in present.requests["UpdateEnvironment"]] == [True]


async def test_a_check_alone_prints_what_changes(present: Any, ctl: Any, make: Any) -> None:
    table = await ctl("env", "update", "dev", "-f", EXAMPLE, "--validate-only")
    data = await ctl("env", "update", "dev", "-f", EXAMPLE, "--validate-only", "-o", "json")

    assert table.code == 0 and "data.postgres.size" in table.out and "Nothing was changed." in table.out
    assert json.loads(data.out)["metadata"]["fieldChanges"][1]["impact"] == "IMPACT_DISRUPTIVE"
    present.answers["checked"] = make.succeeded(present.environments[NAME])
    assert "changes no field" in (await ctl("env", "update", "dev", "-f", EXAMPLE, "--validate-only")).out
    assert all(request.validate_only for request in present.requests["UpdateEnvironment"])


async def test_another_environment_s_document_is_refused_here(present: Any, ctl: Any) -> None:
    done = await ctl("env", "update", "prod", "-f", EXAMPLE, "--yes")

    assert done.code == 2 and "is the document of dev, not of prod" in done.err
    assert not present.requests


async def test_impossible_changes_are_told_field_by_field(present: Any, ctl: Any) -> None:
    fields = ["cloud.region", "data.object_store.bucket_prefix"]
    violations = [FieldViolation(f"environment.spec.{field}", "An environment keeps it.", "X") for field in fields]
    present.failures["UpdateEnvironment"] = [
        Failure(
            "CHANGE_IMPOSSIBLE", "dev cannot be changed so.", kind=Kind.FAILED_PRECONDITION, actor=Actor.CUSTOMER,
            remedy="Leave them.", violations=violations,
        )
    ]  # fmt: skip

    done = await ctl("env", "update", "dev", "-f", EXAMPLE, "--yes")

    assert done.code == 4
    for field in fields:
        assert f"  - {field}: An environment keeps it." in done.err


async def test_a_hundred_violations_arrive(present: Any, ctl: Any) -> None:
    violations = [
        FieldViolation(f"environment.spec.cluster.field{n}", "Is wrong: " + "x" * 150, "X") for n in range(100)
    ]
    present.failures["UpdateEnvironment"] = [
        Failure("DOCUMENT_INVALID", "The document is wrong.", kind=Kind.INVALID_ARGUMENT, violations=violations)
    ]

    done = await ctl("env", "update", "dev", "-f", EXAMPLE, "--yes")

    assert done.code == 2 and done.err.count("  - cluster.field") == 100


async def test_the_plan_is_told_once_and_a_refusal_of_it_with_its_resources(
    present: Any, ctl: Any, make: Any, until: Any
) -> None:
    await present.put(present.answers["UpdateEnvironment"])
    running = asyncio.create_task(ctl("env", "update", "dev", "-f", EXAMPLE, "--yes", "--wait"))
    await until(lambda: present.requests["WatchEnvironments"] or present.requests["WaitOperation"])
    for step in ("plan", "apply"):
        planned = make.staged("deployment", "RUNNING", step, verb=Verb.VERB_UPDATE, planned_changes=PLANNED)
        await present.put(planned)
    lost = FieldViolation("aws_s3_bucket.bucket", "It is replaced: with all its objects.", "DATA_LOSS")
    failure = Failure(
        "DATA_LOSS_NOT_ALLOWED", "The plan would lose data.", actor=Actor.CUSTOMER, remedy="Allow it.",
        violations=[lost],
    )  # fmt: skip
    ended = make.failed(failure, stage="deployment", step="plan")
    ended.metadata.CopyFrom(planned.metadata)
    await present.put(ended)

    done = await running

    assert done.code == 1
    assert done.err.count("aws_db_instance.database") == 1
    assert "update  aws_db_instance.database  disruptive  instance_class" in done.err
    assert "  - aws_s3_bucket.bucket: It is replaced: with all its objects." in done.err


async def test_op_get_shows_changes_of_document_and_plan(present: Any, ctl: Any, make: Any) -> None:
    await present.put(make.running(verb=Verb.VERB_UPDATE, field_changes=CHANGES, planned_changes=PLANNED))

    done = await ctl("op", "get", "op-1")

    assert "data.postgres.size" in done.out and "aws_db_instance.database" in done.out


async def test_env_get_shows_what_a_pre_flight_found(present: Any, ctl: Any) -> None:
    failure = present.environments[NAME].failure
    failure.reason, failure.message = "PREFLIGHT_FAILED", "There is no VPC. 1 more findings are listed."
    failure.violations.add(field="environment.spec.network.existing_vpc_id", description="There is no VPC. Name one.")
    failure.violations.add(field="environment.spec.cloud.region", description="Not opted in. Opt in.")

    done = await ctl("env", "get", "dev")

    assert "  - network.existing_vpc_id: There is no VPC. Name one." in done.out
    assert "  - cloud.region: Not opted in. Opt in." in done.out


async def test_credentials_are_rotated_by_their_words(present: Any, ctl: Any) -> None:
    words = ("postgres-password", "redis-auth-token", "workspace-storage-key")

    done = await ctl("env", "rotate", "dev", *words, words[0])

    [request] = present.requests["RotateCredentials"]
    assert (request.name, request.validate_only) == (NAME, False)
    assert list(request.credentials) == [
        messages.CREDENTIAL_POSTGRES_PASSWORD,
        messages.CREDENTIAL_REDIS_AUTH_TOKEN,
        messages.CREDENTIAL_WORKSPACE_STORAGE_KEY,
    ]
    assert uuid.UUID(request.request_id).version == 4
    assert (done.code, done.out) == (0, "rotate of dev accepted: operation op-1\n")


async def test_a_rotation_can_be_checked_alone(present: Any, ctl: Any) -> None:
    done = await ctl("env", "rotate", "dev", "redis-auth-token", "--validate-only")

    assert done.code == 0 and "nothing was changed" in done.out
    assert [request.validate_only for request in present.requests["RotateCredentials"]] == [True]


def test_every_credential_of_the_contract_has_its_word() -> None:
    assert {credential(word) for word in CREDENTIALS} == set(messages.Credential.values()) - {0}
