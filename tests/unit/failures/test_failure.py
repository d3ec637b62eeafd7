"""`Failure`: what it says, and what of it survives every way that it travels."""

from __future__ import annotations

import json
import subprocess
import sys

import grpc.aio
import pytest
from google.rpc import code_pb2
from provisioning.environment.v1.failure_pb2 import Actor as ActorValue

from libs.failures import Actor, Failure, FieldViolation, Kind
from libs.grpckit.errors import failure_from_error, failure_from_proto, failure_to_proto, failure_to_status
from libs.stages.failure_json import failure_from_json, failure_to_json

FULL = Failure(
    "AWS_QUOTA_EXCEEDED",
    "The account has no VPC left.",
    kind=Kind.RESOURCE_EXHAUSTED,
    retryable=True,
    actor=Actor.CUSTOMER,
    remedy="Ask AWS for more.",
    resource_address="aws_vpc.vpc",
    metadata={"aws_request_id": "r-1"},
    violations=[FieldViolation("cloud.region", "has none left", "QUOTA")],
    retry_after_seconds=1.5,
    private="secret text",
)
FIELDS = tuple(name for name in vars(FULL) if not name.startswith("_"))


def told(failure: Failure, *without: str) -> dict[str, object]:
    return {name: getattr(failure, name) for name in FIELDS if name not in without}


def test_it_says_its_reason_and_its_message_and_nothing_private() -> None:
    assert str(FULL) == "AWS_QUOTA_EXCEEDED: The account has no VPC left."
    assert "secret" not in repr(FULL)


def test_what_is_not_said_is_the_platform_s_to_mend() -> None:
    plain = Failure("INTERNAL", "No.")
    assert (plain.kind, plain.actor, plain.retryable) == (Kind.INTERNAL, Actor.PLATFORM, False)
    assert (plain.remedy, plain.metadata, plain.violations, plain.retry_after_seconds) == ("", {}, (), None)


def test_it_keeps_its_own_copy_of_what_it_was_given() -> None:
    metadata, violations = {"a": "1"}, [FieldViolation("f", "bad")]
    failure = Failure("X", "x", metadata=metadata, violations=violations)
    metadata["a"] = "2"
    violations.clear()
    assert (failure.metadata, len(failure.violations), failure.violations[0].reason) == ({"a": "1"}, 1, "INVALID")


def test_kinds_and_actors_have_the_names_of_the_wire() -> None:
    assert {kind.value for kind in Kind} <= set(code_pb2.Code.keys())
    assert {kind.name for kind in Kind} <= set(grpc.StatusCode.__members__)
    assert {f"ACTOR_{actor.value}" for actor in Actor} | {"ACTOR_UNSPECIFIED"} == set(ActorValue.keys())
    assert all(one.name == one.value for enum in (Kind, Actor) for one in enum)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_caller_has_what_the_called_one_said(kind: Kind) -> None:
    said = Failure(**{**told(FULL), "kind": kind})  # type: ignore[arg-type]
    status = failure_to_status(said, trace_id="t", request_id="r")
    error = grpc.aio.AioRpcError(
        grpc.StatusCode[code_pb2.Code.Name(status.code)],
        grpc.aio.Metadata(),
        grpc.aio.Metadata(("grpc-status-details-bin", status.SerializeToString())),
        status.message,
    )
    heard = failure_from_error(error)
    assert told(heard, "retryable", "private") == told(said, "retryable", "private")
    assert heard.retryable and not heard.private
    assert b"secret" not in status.SerializeToString()


def test_it_is_kept_in_a_row_and_told_in_an_event_without_what_is_private() -> None:
    kept = json.dumps(failure_to_json(FULL))
    lost = ("violations", "retry_after_seconds", "private")
    assert "secret" not in kept and told(failure_from_json(json.loads(kept)), *lost) == told(FULL, *lost)
    event = failure_to_proto(FULL, stage="deployment", step="apply", trace_id="t")
    assert (event.stage, event.step, event.trace_id) == ("deployment", "apply", "t")
    assert told(failure_from_proto(event), "kind", *lost) == told(FULL, "kind", *lost)


def test_the_package_needs_the_standard_library_alone() -> None:
    code = "import sys; import libs.failures; print([m for m in ('grpc', 'google', 'sqlalchemy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
