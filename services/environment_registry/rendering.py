"""Records as the contract's messages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from google.longrunning import operations_pb2
from google.protobuf import any_pb2, timestamp_pb2
from google.protobuf.message import Message
from google.rpc import status_pb2
from provisioning.environment.v1 import (
    environment_pb2,
    environment_spec_pb2,
    failure_pb2,
    hand_over_pb2,
    operation_pb2,
)

from libs.telemetry import trace_id_of
from services.environment_registry.lifecycle import Course, Stage, StageState, Vector
from services.environment_registry.records import EnvironmentRecord, OperationRecord, OperationState, Verb

_STAGE_STATES = {
    StageState.IDLE: hand_over_pb2.STAGE_STATE_UNSPECIFIED,
    StageState.REQUESTED: hand_over_pb2.STAGE_STATE_REQUESTED,
    StageState.RUNNING: hand_over_pb2.STAGE_STATE_RUNNING,
    StageState.SUCCEEDED: hand_over_pb2.STAGE_STATE_SUCCEEDED,
    StageState.FAILED: hand_over_pb2.STAGE_STATE_FAILED,
    StageState.STOPPED: hand_over_pb2.STAGE_STATE_STOPPED,
}
_STATES = {
    Course.ACTIVE: environment_pb2.ENVIRONMENT_STATE_ACTIVE,
    Course.FAILED: environment_pb2.ENVIRONMENT_STATE_FAILED,
    Course.CANCELLED: environment_pb2.ENVIRONMENT_STATE_CANCELLED,
    Course.DELETING: environment_pb2.ENVIRONMENT_STATE_DELETING,
    Course.HALTING: environment_pb2.ENVIRONMENT_STATE_DELETING,
    Course.DELETED: environment_pb2.ENVIRONMENT_STATE_DELETED,
}
_VERBS = {
    Verb.CREATE: operation_pb2.VERB_CREATE,
    Verb.DELETE: operation_pb2.VERB_DELETE,
    Verb.RETRY: operation_pb2.VERB_RETRY,
    Verb.UPDATE: operation_pb2.VERB_UPDATE,
    Verb.ROTATE: operation_pb2.VERB_ROTATE,
}


def state_of(vector: Vector) -> environment_pb2.EnvironmentState:
    """Answer the public state of a vector."""
    state = _STATES.get(vector.course)
    if state is not None:
        return state
    if vector.updating:
        return environment_pb2.ENVIRONMENT_STATE_UPDATING
    if vector.cluster_available:
        return environment_pb2.ENVIRONMENT_STATE_BOOTSTRAPPING
    return environment_pb2.ENVIRONMENT_STATE_PROVISIONING


def environment_message(record: EnvironmentRecord) -> environment_pb2.Environment:
    """Answer the resource."""
    message = environment_pb2.Environment(
        name=record.name,
        uid=record.uid,
        spec=environment_spec_pb2.EnvironmentSpec.FromString(record.spec),
        generation=record.generation,
        state=state_of(record.vector),
        outputs=environment_pb2.EnvironmentOutputs.FromString(record.outputs),
        operation=f"workspaces/{record.workspace}/operations/{record.vector.operation}",
        etag=record.etag,
        create_time=timestamp(record.created_at),
        update_time=timestamp(record.updated_at),
        delete_time=timestamp(record.deleted_at),
        observed_generation=record.built_generation,
        credential_versions=credential_versions(record),
    )
    undone = record.vector.undoing and record.vector.course is Course.DELETED
    if record.failure and (undone or record.vector.course is Course.FAILED):
        message.failure.ParseFromString(record.failure)
    for stage in Stage:
        entry = record.vector.entry(stage)
        if entry.attempt:
            message.stages.add(
                stage=stage.value,
                state=_STAGE_STATES[entry.state],
                attempt=entry.attempt,
                step=entry.step,
                update_time=timestamp(entry.changed_at),
            )
    for condition in record.conditions:
        message.conditions.add(
            type=condition.type,
            status=condition.status,
            reason=condition.reason,
            transition_time=timestamp(condition.transition_at),
        )
    if not record.live:
        for kept in record.kept:
            message.kept.add(resource=kept.resource, reason=kept.reason)
    return message


def credential_versions(record: EnvironmentRecord) -> hand_over_pb2.CredentialVersions:
    """Answer which version of each credential is wished."""
    return hand_over_pb2.CredentialVersions(**asdict(record.credentials))


def operation_metadata(operation: OperationRecord, environment: EnvironmentRecord) -> operation_pb2.OperationMetadata:
    """Answer an operation's progress, which is the environment's as far as this operation asked for it."""
    own = [(stage, entry) for stage in Stage if (entry := environment.vector.entry(stage)).operation == operation.id]
    moving = [(stage, entry) for stage, entry in own if entry.in_flight]
    stage, step = "", ""
    if moving or own:
        first, entry = moving[0] if moving else own[-1]
        stage, step = first.value, entry.step
    metadata = operation_pb2.OperationMetadata(
        target=environment.name,
        uid=environment.uid,
        verb=_VERBS[operation.verb],
        stage=stage,
        step=step,
        resources_done=operation.resources_done,
        resources_planned=operation.resources_planned,
        status_message=_sentence(operation, environment.vector, stage, step),
        requested_cancellation=operation.requested_cancellation,
        trace_id=trace_id_of(operation.traceparent),
        create_time=timestamp(operation.created_at),
        end_time=timestamp(operation.ended_at),
    )
    for stage_key, entry in own:
        metadata.stages.add(
            stage=stage_key.value,
            state=_STAGE_STATES[entry.state],
            attempt=entry.attempt,
            step=entry.step,
            start_time=timestamp(entry.asked_at),
            end_time=timestamp(entry.ended_at),
            queue_position=entry.queue_position,
            waiting_for=entry.waiting_for,
            retries=entry.retries,
        )
    metadata.MergeFrom(operation_pb2.OperationMetadata.FromString(operation.details))
    return metadata


def operation_message(operation: OperationRecord, environment: EnvironmentRecord) -> operations_pb2.Operation:
    """Answer the operation as google.longrunning has it."""
    message = operations_pb2.Operation(name=operation.name, done=operation.done)
    message.metadata.Pack(operation_metadata(operation, environment))
    if operation.state is OperationState.SUCCEEDED:
        message.response.Pack(environment_message(environment))
    elif operation.done:
        message.error.CopyFrom(status_pb2.Status.FromString(operation.error))
    return message


def checked_operation(
    environment: environment_pb2.Environment, metadata: operation_pb2.OperationMetadata | None = None
) -> operations_pb2.Operation:
    """Answer what a request with validate_only gets: done, without a name, with the resource as it would be."""
    message = operations_pb2.Operation(done=True)
    if metadata is not None:
        message.metadata.Pack(metadata)
    message.response.Pack(environment)
    return message


def failure_of_bytes(data: bytes) -> failure_pb2.Failure:
    """Answer a stored failure."""
    return failure_pb2.Failure.FromString(data)


def packed(message: Message) -> any_pb2.Any:
    """Answer a message in an Any."""
    box = any_pb2.Any()
    box.Pack(message)
    return box


def timestamp(moment: datetime | None) -> timestamp_pb2.Timestamp | None:
    """Answer a time as the contract has it; None stays unset."""
    if moment is None:
        return None
    message = timestamp_pb2.Timestamp()
    message.FromDatetime(moment)
    return message


def _sentence(operation: OperationRecord, vector: Vector, stage: str, step: str) -> str:
    if operation.done:
        return {
            OperationState.SUCCEEDED: "Done.",
            OperationState.FAILED: "Failed; the error says why and who must act.",
            OperationState.CANCELLED: "Cancelled.",
        }[operation.state]
    if not stage or operation.id != vector.operation:
        return "Waiting for the work before it to stop at its checkpoint."
    at = f"{stage.replace('_', ' ')}, at {step}" if step else stage.replace("_", " ")
    entry = vector.entry(Stage(stage))
    if entry.waiting_for:
        place = f", place {entry.queue_position} in the queue" if entry.queue_position else ""
        return f"Waiting at {at}{place}: {entry.waiting_for}."
    if vector.course in (Course.CANCELLING, Course.HALTING):
        return f"Cancelling: {at}."
    if vector.undoing:
        return f"The create failed; destroying what it had built: {at}."
    if vector.course is Course.FAILING:
        return f"A stage failed; waiting for the others to stop: {at}."
    counted = f"; {operation.resources_done} of {operation.resources_planned} resources"
    return f"Working on {at}{counted if operation.resources_planned else ''}."
