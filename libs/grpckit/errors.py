"""Failures over gRPC: to a rich status with the standard details, and back."""

import grpc.aio
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from provisioning.environment.v1 import failure_pb2

from libs.failures import Actor, Failure, FieldViolation, Kind

DOMAIN = "provisioning.beta9.dev"


def failure_to_proto(failure: Failure, *, stage: str = "", step: str = "", trace_id: str = "") -> failure_pb2.Failure:
    """The contract's message of a failure, with where it happened."""
    return failure_pb2.Failure(
        reason=failure.reason,
        message=failure.message,
        retryable=failure.retryable,
        actor=f"ACTOR_{failure.actor.value}",
        remedy=failure.remedy,
        stage=stage,
        step=step,
        resource_address=failure.resource_address,
        trace_id=trace_id,
        metadata=failure.metadata,
        violations=[
            failure_pb2.Violation(field=one.field, description=one.description, reason=one.reason)
            for one in failure.violations
        ],
    )


def failure_from_proto(message: failure_pb2.Failure) -> Failure:
    """The failure that a message tells of; of kind INTERNAL, since the contract keeps none."""
    name = failure_pb2.Actor.Name(message.actor).removeprefix("ACTOR_")
    return Failure(
        message.reason,
        message.message,
        retryable=message.retryable,
        actor=Actor.PLATFORM if name == "UNSPECIFIED" else Actor(name),
        remedy=message.remedy,
        resource_address=message.resource_address,
        metadata=dict(message.metadata),
        violations=[FieldViolation(one.field, one.description, one.reason) for one in message.violations],
    )


def failure_to_status(
    failure: Failure, *, stage: str = "", step: str = "", trace_id: str = "", request_id: str = ""
) -> status_pb2.Status:
    """google.rpc.Status with ErrorInfo first (AIP-193), then what else fits, then the contract's Failure."""
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=failure.reason, domain=DOMAIN, metadata=failure.metadata)
    ]
    if failure.violations and failure.kind is not Kind.FAILED_PRECONDITION:
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=violation.field, description=violation.description, reason=violation.reason
                    )
                    for violation in failure.violations
                ]
            )
        )
    if failure.kind is Kind.FAILED_PRECONDITION:
        concerned = [(one.reason, one.field, one.description) for one in failure.violations]
        violations = [
            error_details_pb2.PreconditionFailure.Violation(type=reason, subject=subject, description=description)
            for reason, subject, description in concerned
            or [(failure.reason, failure.resource_address, failure.message)]
        ]
        details.append(error_details_pb2.PreconditionFailure(violations=violations))
    if failure.kind in (Kind.NOT_FOUND, Kind.ALREADY_EXISTS):
        details.append(
            error_details_pb2.ResourceInfo(resource_name=failure.resource_address, description=failure.message)
        )
    if failure.retry_after_seconds is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(int(failure.retry_after_seconds * 1e9))
        details.append(retry)
    if trace_id or request_id:
        details.append(error_details_pb2.RequestInfo(request_id=request_id or trace_id, serving_data=trace_id))
    details.append(failure_to_proto(failure, stage=stage, step=step, trace_id=trace_id))
    message = f"{failure.message} {failure.remedy}".strip()
    return status_pb2.Status(code=code_pb2.Code.Value(failure.kind.value), message=message, details=_packed(details))


def failure_from_error(error: grpc.aio.AioRpcError) -> Failure:
    """The failure that a call of another service ended with, rehydrated from its details."""
    code = error.code()
    status = _rich_status(error)
    kind = Kind.__members__.get(code.name, Kind.INTERNAL)
    found = failure_pb2.Failure()
    info = error_details_pb2.ErrorInfo()
    violations: list[FieldViolation] = []
    retry_after: float | None = None
    for detail in status.details:
        bad = error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(bad):
            violations += [FieldViolation(v.field, v.description, v.reason or "INVALID") for v in bad.field_violations]
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.ToNanoseconds() / 1e9
        elif not detail.Unpack(found):
            detail.Unpack(info)
    text = error.details()
    rehydrated = failure_from_proto(found)
    return Failure(
        found.reason or info.reason or f"RPC_{code.name}",
        found.message or text or code.name,
        kind=kind,
        retryable=found.retryable or kind is Kind.UNAVAILABLE,
        actor=rehydrated.actor,
        remedy=found.remedy,
        resource_address=found.resource_address,
        metadata=dict(found.metadata),
        violations=violations or rehydrated.violations,
        retry_after_seconds=retry_after,
    )


def _rich_status(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return status_pb2.Status()


def _packed(details: list[Message]) -> list[any_pb2.Any]:
    packed = []
    for detail in details:
        box = any_pb2.Any()
        box.Pack(detail)
        packed.append(box)
    return packed
