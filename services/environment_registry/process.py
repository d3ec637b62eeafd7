"""The process manager: takes one event through the lifecycle, and writes all that it leads to in one transaction.

The caller holds the environment's row lock. Nothing here touches the network.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from google.protobuf.message import Message
from provisioning.environment.v1 import environment_pb2, events_pb2, failure_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import OutgoingEvent, enqueue, environment_event
from libs.telemetry import record_span, trace_id_of
from services.environment_registry import endings, rendering
from services.environment_registry.hand_overs import request_event, stop_event
from services.environment_registry.lifecycle import (
    Answer,
    Course,
    Event,
    Kind,
    Outcome,
    StageState,
    Transition,
    Vector,
    Verdict,
    advance,
)
from services.environment_registry.records import EnvironmentRecord, OperationRecord, OperationState
from services.environment_registry.repository import changes, environments, operations
from services.environment_registry.tables import EVENTS

Clock = Callable[[], datetime]

# Most stages have begun by then, and of those that have not people want to know why.
_QUEUE_LOOK = timedelta(seconds=3)

_STATES = {
    Outcome.SUCCEEDED: OperationState.SUCCEEDED,
    Outcome.FAILED: OperationState.FAILED,
    Outcome.CANCELLED: OperationState.CANCELLED,
}


def utc_now() -> datetime:
    """Answer the present time."""
    return datetime.now(UTC)


class ProcessManager:
    """Applies events to environments.

    Args:
        clock: stamps what is written; no decision rests on it.
        sweep_after: how long a stage may be silent before the sweep asks about it.
    """

    def __init__(self, *, clock: Clock = utc_now, sweep_after: timedelta = timedelta(seconds=15)) -> None:
        self.clock = clock
        self._sweep_after = sweep_after

    async def take(
        self,
        connection: AsyncConnection,
        record: EnvironmentRecord,
        operation: OperationRecord,
        event: Event,
        *,
        failure: failure_pb2.Failure | None = None,
    ) -> Transition:
        """Advance an environment by an event, and write the result unless the event was refused or ignored.

        Args:
            record: the locked environment; changed in place. One that is new is inserted by the caller first.
            operation: the operation that the vector names after the event: for CREATE, UPDATE, RETRY and DELETE the new
                one (inserted here, unless the event is not taken), else the newest one.
            failure: what a FAILED answer said.
        """
        now = self.clock()
        before = record.vector
        transition = advance(before, event, now)
        if transition.verdict is not Verdict.TAKEN:
            return transition
        record.vector = transition.vector
        opened = record.vector.operation != before.operation
        outgoing: list[OutgoingEvent] = []
        if transition.superseded is not None:
            await self._supersede(connection, record, transition.superseded, operation.id, now)
        if opened:
            record.failure = b""
        if isinstance(event, Answer) and event.kind is Kind.FAILED and event.operation == operation.id:
            self._note_failure(record, operation, event, failure)
        if event.kind is Kind.CANCEL:
            operation.requested_cancellation = True
        if record.vector.undoing and transition.ended is not None:
            record.failure = endings.undone_failure(record.failure, record.vector)
        for stop in transition.stops:
            reason = _stop_reason(record.vector.course)
            outgoing.append(stop_event(record, stop, reason, operation.traceparent))
        if transition.ended is Outcome.SUCCEEDED and record.vector.course is Course.ACTIVE:
            record.built_generation, record.built_spec = record.generation, record.spec
        if transition.ended is not None:
            self._end(record, operation, transition.ended, now)
        record.touch(now)
        outgoing += [
            environment_event(
                message, area="environment", environment=record.name, uid=record.uid,
                traceparent=operation.traceparent,
            )
            for message in _told(record, operation, event, transition, before)
        ]  # fmt: skip
        outgoing += [request_event(record, ask, operation.traceparent) for ask in transition.asks]
        await self.save(connection, record, operation, new_operation=opened)
        await enqueue(connection, EVENTS, outgoing)
        return transition

    async def save(
        self,
        connection: AsyncConnection,
        record: EnvironmentRecord,
        operation: OperationRecord,
        *,
        new_operation: bool = False,
    ) -> None:
        """Write an environment and its newest operation, and tell the watchers."""
        environment_bytes = rendering.environment_message(record).SerializeToString()
        operation_bytes = rendering.operation_message(operation, record).SerializeToString()
        await environments.update_environment(connection, record, environment_bytes)
        if new_operation:
            await operations.insert_operation(connection, operation, operation_bytes)
        else:
            await operations.update_operation(connection, operation, operation_bytes)
        await environments.schedule_sweep(connection, record.uid, self._look_after(record))
        await changes.write_change(connection, record, environment_bytes, operation_bytes)

    def _look_after(self, record: EnvironmentRecord) -> timedelta | None:
        """Answer when the sweep looks at it: soon where a stage has not begun, to learn what that waits for."""
        states = {entry.state for _, entry in record.vector.in_flight()}
        if StageState.REQUESTED in states:
            return min(_QUEUE_LOOK, self._sweep_after)
        return self._sweep_after if states else None

    async def _supersede(
        self, connection: AsyncConnection, record: EnvironmentRecord, operation_id: str, by: str, now: datetime
    ) -> None:
        """End the operation before, so that at no time two of them run."""
        superseded = await operations.load_operation(connection, operation_id)
        if superseded is None or superseded.done:
            return
        superseded.state, superseded.ended_at = OperationState.CANCELLED, now
        superseded.error = endings.superseded_status(
            superseded, f"workspaces/{record.workspace}/operations/{by}"
        )  # fmt: skip
        rendered = rendering.operation_message(superseded, record).SerializeToString()
        await operations.update_operation(connection, superseded, rendered)
        _summarize(superseded, now, "superseded by a delete")

    def _note_failure(
        self,
        record: EnvironmentRecord,
        operation: OperationRecord,
        answer: Answer,
        failure: failure_pb2.Failure | None,
    ) -> None:
        """Keep the first failure of an operation."""
        if record.failure or record.vector.first_failed is not answer.stage:
            return
        told = failure_pb2.Failure()
        told.CopyFrom(failure if failure is not None and failure.reason else endings.unexplained())
        told.stage = told.stage or answer.stage.value
        told.step = told.step or record.vector.entry(answer.stage).step
        told.trace_id = told.trace_id or trace_id_of(operation.traceparent)
        record.failure = told.SerializeToString()

    def _end(self, record: EnvironmentRecord, operation: OperationRecord, outcome: Outcome, now: datetime) -> None:
        operation.state, operation.ended_at = _STATES[outcome], now
        error = ""
        if outcome is Outcome.FAILED:
            failure = rendering.failure_of_bytes(record.failure)
            operation.error = endings.failed_status(failure, operation)
            error = failure.message
        elif outcome is Outcome.CANCELLED:
            operation.error = endings.cancelled_status(operation)
            error = "cancelled"
        _summarize(operation, now, error)


def _stop_reason(course: Course) -> str:
    return {
        Course.DELETING: "superseded by a delete",
        Course.FAILING: "another stage failed",
    }.get(course, "cancelled")


def _summarize(operation: OperationRecord, now: datetime, error: str) -> None:
    """Close the operation's trace with one span over all of it."""
    if not operation.traceparent:
        return
    record_span(
        f"operation {operation.verb.value}",
        parent=operation.traceparent,
        start=operation.created_at,
        end=now,
        attributes={"beta9.environment.uid": operation.uid, "beta9.operation": operation.name},
        error=error,
    )


def _told(
    record: EnvironmentRecord, operation: OperationRecord, event: Event, transition: Transition, before: Vector
) -> list[Message]:
    """Answer what outsiders are told, in order: what happened, then how the operation ended."""
    about = {"environment": record.name, "uid": record.uid, "operation": operation.name}
    told: list[Message] = []
    match event.kind:
        case Kind.CREATE:
            told.append(events_pb2.EnvironmentCreated(environment=rendering.environment_message(record)))
        case Kind.UPDATE:
            told.append(events_pb2.EnvironmentUpdating(environment=rendering.environment_message(record)))
        case Kind.RETRY:
            told.append(events_pb2.EnvironmentRetried(**about))
        case Kind.DELETE:
            told.append(events_pb2.EnvironmentDeleting(**about))
    if isinstance(event, Answer):
        told.append(
            events_pb2.EnvironmentProgressed(
                **about,
                state=rendering.state_of(record.vector),
                stage=event.stage.value,
                step=event.step if event.kind is Kind.STEP else "",
                event=event_name(event),
            )
        )
    if record.vector.undoing and not before.undoing and transition.ended is None:
        told.append(events_pb2.EnvironmentDeleting(**about))
    if transition.ended is Outcome.FAILED:
        failure = rendering.failure_of_bytes(record.failure)
        told.append(events_pb2.EnvironmentFailed(**about, failure=failure))
        if record.vector.course is Course.DELETED:
            told.append(_deleted(record))
    elif transition.ended is Outcome.CANCELLED:
        told.append(events_pb2.EnvironmentCancelled(**about))
    elif transition.ended is Outcome.SUCCEEDED and record.vector.course is Course.DELETED:
        told.append(_deleted(record))
    elif transition.ended is Outcome.SUCCEEDED:
        told.append(events_pb2.EnvironmentActivated(environment=rendering.environment_message(record)))
    return told


def _deleted(record: EnvironmentRecord) -> Message:
    kept = [environment_pb2.KeptResource(resource=k.resource, reason=k.reason) for k in record.kept]
    return events_pb2.EnvironmentDeleted(environment=record.name, uid=record.uid, kept=kept)


def event_name(answer: Answer) -> str:
    """Answer what an answer is called towards outsiders, such as "deployment_succeeded" or "cluster_available"."""
    match answer.kind:
        case Kind.CLUSTER_AVAILABLE | Kind.BACKENDS_AVAILABLE:
            return answer.kind.value
        case Kind.STEP:
            return "step_changed"
        case _:
            return f"{answer.stage.value}_{answer.kind.value}"
