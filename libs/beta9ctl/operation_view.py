"""What people need to know of a google.longrunning.Operation, read out of its metadata once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from provisioning.environment.v1.environment_pb2 import Environment
from provisioning.environment.v1.hand_over_pb2 import StageState
from provisioning.environment.v1.operation_pb2 import OperationMetadata, Verb

from libs.beta9ctl.changes_view import ChangedField, ChangedResource, changed_fields, changed_resources


@dataclass(frozen=True)
class StageView:
    """One stage of an operation. `state` is the lower-case word, such as `running`."""

    stage: str
    state: str
    step: str
    attempt: int
    started: datetime | None
    ended: datetime | None
    queue_position: int = 0
    waiting_for: str = ""
    retries: int = 0


@dataclass(frozen=True)
class OperationView:
    """An operation at one moment."""

    name: str
    target: str
    verb: str
    done: bool
    stage: str
    step: str
    resources_done: int
    resources_planned: int
    message: str
    trace_id: str
    stages: tuple[StageView, ...]
    created: datetime | None
    ended: datetime | None
    changed_fields: tuple[ChangedField, ...] = ()
    changed_resources: tuple[ChangedResource, ...] = ()

    @property
    def resources(self) -> str:
        """`12/58`, or nothing before there is a plan."""
        return f"{self.resources_done}/{self.resources_planned}" if self.resources_planned else ""


def view(operation: Any) -> OperationView:
    """Answers the view of a google.longrunning.Operation."""
    metadata = OperationMetadata()
    operation.metadata.Unpack(metadata)
    return OperationView(
        name=operation.name,
        target=metadata.target,
        verb=enum_word(Verb.Name(metadata.verb), "VERB_"),
        done=operation.done,
        stage=metadata.stage,
        step=metadata.step,
        resources_done=metadata.resources_done,
        resources_planned=metadata.resources_planned,
        message=metadata.status_message,
        trace_id=metadata.trace_id,
        stages=tuple(
            StageView(
                s.stage,
                enum_word(StageState.Name(s.state), "STAGE_STATE_"),
                s.step,
                s.attempt,
                moment(s.start_time),
                moment(s.end_time),
                s.queue_position,
                s.waiting_for,
                s.retries,
            )
            for s in metadata.stages
        ),
        created=moment(metadata.create_time),
        ended=moment(metadata.end_time),
        changed_fields=changed_fields(metadata),
        changed_resources=changed_resources(metadata),
    )


def result(operation: Any) -> Environment:
    """Answers the environment that a done operation responded with."""
    environment = Environment()
    operation.response.Unpack(environment)
    return environment


def enum_word(name: str, prefix: str) -> str:
    """`STAGE_STATE_RUNNING` is `running`."""
    return name.removeprefix(prefix).lower()


def moment(timestamp: Timestamp) -> datetime | None:
    """The time in UTC, or nothing when it is not set."""
    if not (timestamp.seconds or timestamp.nanos):
        return None
    return timestamp.ToDatetime(tzinfo=UTC)
