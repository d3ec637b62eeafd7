"""Turns what a service answered instead of a result (google.rpc details and all) into a Problem."""

from __future__ import annotations

from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status
from provisioning.environment.v1.failure_pb2 import Actor, Failure

from libs.beta9ctl.problem import ExitCode, Problem, Violation

_EXITS = {
    grpc.StatusCode.INVALID_ARGUMENT: ExitCode.USAGE,
    grpc.StatusCode.OUT_OF_RANGE: ExitCode.USAGE,
    grpc.StatusCode.NOT_FOUND: ExitCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS: ExitCode.CONFLICT,
    grpc.StatusCode.FAILED_PRECONDITION: ExitCode.CONFLICT,
    grpc.StatusCode.ABORTED: ExitCode.CONFLICT,
    grpc.StatusCode.UNAVAILABLE: ExitCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: ExitCode.UNAVAILABLE,
}
_ACTORS = {
    Actor.ACTOR_PLATFORM: "the operators of the platform",
    Actor.ACTOR_CUSTOMER: "the customer who owns the account and the document",
    Actor.ACTOR_CLOUD_PROVIDER: "the cloud provider",
    Actor.ACTOR_NOBODY: "nobody; wait and retry",
}
# A request's field paths start with where it carries the document; its author knows the rest of the path alone.
_DOCUMENT_PREFIXES = ("environment.spec.", "spec.")
_Detail = TypeVar("_Detail", bound=Message)


def problem_of_call(error: Any, service: str, address: str, variable: str) -> Problem:
    """Answers the Problem of a call to `service` that ended with the grpc.aio.AioRpcError `error`."""
    code = error.code()
    status = rpc_status.from_call(error)
    if code == grpc.StatusCode.UNAVAILABLE and status is None:
        return Problem(
            f"The {service} at {address} cannot be reached.",
            ExitCode.UNAVAILABLE,
            remedy=f"Start the platform with `make up`, or set {variable} to where it listens.",
        )
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return Problem(
            f"The {service} at {address} did not answer in time.",
            ExitCode.UNAVAILABLE,
            remedy="Try again; when it stays so, look at the service's log.",
        )
    status = status or status_pb2.Status(message=error.details() or "")
    sentence = status.message or f"The {service} answered {code.name}."
    return _problem(sentence, _EXITS.get(code, ExitCode.REFUSED), status, code.name)


def problem_of_operation(status: Any) -> Problem:
    """Answers the Problem of an operation that ended with the google.rpc.Status `status`."""
    cancelled = status.code == code_pb2.CANCELLED
    exit_code = ExitCode.CANCELLED if cancelled else ExitCode.OPERATION_FAILED
    return _problem(status.message, exit_code, status, code_pb2.Code.Name(status.code))


def failure_facts(failure: Failure) -> tuple[tuple[str, str], ...]:
    """What a Failure says beside its message and remedy, as (label, text)."""
    place = "/".join(part for part in (failure.stage, failure.step) if part)
    facts = [("at", ", ".join(part for part in (place, failure.resource_address) if part))]
    facts.append(("who must act", _ACTORS.get(failure.actor, "")))
    facts += sorted(failure.metadata.items())
    facts.append(("trace", failure.trace_id))
    return tuple(fact for fact in facts if fact[1])


def _problem(sentence: str, exit_code: ExitCode, status: Any, code_name: str) -> Problem:
    info = _detail(status, error_details_pb2.ErrorInfo())
    failure = _detail(status, Failure())
    facts = list(failure_facts(failure)) if failure else []
    request = _detail(status, error_details_pb2.RequestInfo())
    if request and not (failure and failure.trace_id):
        facts.append(("trace", request.serving_data or request.request_id))
    reason = (info.reason if info else "") or (failure.reason if failure else "") or code_name
    remedy = failure.remedy if failure else (info.metadata.get("remedy", "") if info else "")
    told = (failure.message if failure else "") or sentence
    return Problem(
        told,
        exit_code,
        reason=reason,
        violations=tuple(one for one in _violations(status, failure) if told not in one.message),
        remedy="" if remedy in told else remedy,
        facts=tuple(facts),
    )


def _violations(status: Any, failure: Failure | None) -> tuple[Violation, ...]:
    found: list[Violation] = []
    if bad := _detail(status, error_details_pb2.BadRequest()):
        found += [Violation(_document_path(v.field), v.description) for v in bad.field_violations]
    if precondition := _detail(status, error_details_pb2.PreconditionFailure()):
        found += [Violation(_document_path(v.subject), v.description) for v in precondition.violations]
    # An operation's failure may have come a long way, on which its kind was lost; the violations are in it still.
    return tuple(found) or failure_violations(failure or Failure())


def failure_violations(failure: Failure) -> tuple[Violation, ...]:
    """What a Failure says of single fields."""
    return tuple(Violation(_document_path(one.field), one.description) for one in failure.violations)


def _document_path(field: str) -> str:
    for prefix in _DOCUMENT_PREFIXES:
        if field.startswith(prefix):
            return field.removeprefix(prefix)
    return field


def _detail(status: Any, into: _Detail) -> _Detail | None:
    for detail in status.details:
        if detail.Is(into.DESCRIPTOR):
            detail.Unpack(into)
            return into
    return None
