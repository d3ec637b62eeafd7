"""How an operation's end reads: the status of its error, by the standard details and the contract's Failure."""

from __future__ import annotations

from provisioning.environment.v1 import failure_pb2, operation_pb2

from libs.failures import Actor, Failure, Kind
from libs.grpckit import failure_from_proto, failure_to_proto, failure_to_status
from libs.telemetry import trace_id_of
from services.environment_registry.lifecycle import Course, Stage, StageState, Vector
from services.environment_registry.records import OperationRecord

_KINDS = {
    Actor.CUSTOMER: Kind.FAILED_PRECONDITION,
    Actor.CLOUD_PROVIDER: Kind.RESOURCE_EXHAUSTED,
    Actor.NOBODY: Kind.UNAVAILABLE,
    Actor.PLATFORM: Kind.INTERNAL,
}
"""A stage's failure crosses as who must act; the status code says the same to clients that read codes alone."""


def unexplained() -> failure_pb2.Failure:
    """Answer the failure of a stage that failed without saying why."""
    return failure_to_proto(
        Failure(
            "STAGE_FAILED",
            "A stage failed without a reason.",
            actor=Actor.PLATFORM,
            remedy="Look into the stage's log, then retry.",
        )
    )


def failed_status(failure: failure_pb2.Failure, operation: OperationRecord) -> bytes:
    """Answer the google.rpc.Status of an operation that a stage's failure ended."""
    told = failure_from_proto(failure)
    told.kind = _KINDS[told.actor]
    status = failure_to_status(
        told, stage=failure.stage, step=failure.step, trace_id=failure.trace_id, request_id=operation.id
    )
    return bytes(status.SerializeToString())


def undone_failure(failure: bytes, vector: Vector) -> bytes:
    """Answer the failure of a create that was to be destroyed if it failed, and what became of that."""
    told = failure_pb2.Failure.FromString(failure)
    if vector.course is Course.DELETED:
        begun = any(vector.asked(stage) for stage in (Stage.STATE_BACKEND, Stage.DEPLOYMENT))
        done = "Everything that it had built was destroyed" if begun else "Nothing had been built"
        told.message = f"{told.message} {done}, and the environment is gone."
        told.remedy = f"{told.remedy} Then create the environment anew: there is nothing left to retry.".strip()
    elif vector.course is Course.FAILED:
        left = next((stage for stage, entry in vector.entries.items() if entry.state is StageState.FAILED
                     and stage in vector.teardown()), None)  # fmt: skip
        told.message = f"{told.message} Destroying what it had built failed too, at {left or 'its end'}."
        told.remedy = "Retry the environment to go on destroying it; the log of that stage says why it failed."
    told.metadata["destroyed"] = "true" if vector.course is Course.DELETED else "false"
    return bytes(told.SerializeToString())


def cancelled_status(operation: OperationRecord) -> bytes:
    """Answer the status of an operation that a person cancelled, which says what is there."""
    details = operation_pb2.OperationMetadata.FromString(operation.details)
    count = details.resources_existing if details.HasField("resources_existing") else None
    there = "what it had built is still there" if count is None else f"{count} cloud resources are there"
    failure = Failure(
        "OPERATION_CANCELLED",
        f"The operation was cancelled; {there}.",
        kind=Kind.CANCELLED,
        actor=Actor.CUSTOMER,
        remedy="Retry the environment to go on, or delete it.",
        resource_address=operation.name,
        metadata={} if count is None else {"resources_existing": str(count)},
    )
    return _status(failure, operation)


def superseded_status(operation: OperationRecord, by: str) -> bytes:
    """Answer the status of an operation that a delete ended."""
    failure = Failure(
        "SUPERSEDED",
        "A delete of the environment has taken the operation's place.",
        kind=Kind.CANCELLED,
        actor=Actor.NOBODY,
        remedy="Follow the delete's operation.",
        resource_address=operation.name,
        metadata={"operation": by},
    )
    return _status(failure, operation)


def _status(failure: Failure, operation: OperationRecord) -> bytes:
    trace_id = trace_id_of(operation.traceparent)
    return bytes(failure_to_status(failure, trace_id=trace_id, request_id=operation.id).SerializeToString())
