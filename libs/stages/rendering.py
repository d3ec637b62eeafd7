"""Attempts as the contract's messages."""

from typing import cast

from provisioning.environment.v1 import failure_pb2
from provisioning.environment.v1.hand_over_pb2 import HandOver, StageState

from libs.grpckit import failure_to_proto
from libs.stages.attempts import Attempt, AttemptState
from libs.stages.reading import StepTimes
from libs.telemetry import trace_id_of


def stage_state(state: AttemptState) -> StageState:
    """The contract's value of an attempt's state."""
    return cast(StageState, StageState.Value(f"STAGE_STATE_{state.value}"))


def step_state(attempt: Attempt, step: StepTimes) -> StageState:
    """How far a step has come: one that has not ended shares its attempt's state."""
    return stage_state(attempt.state if step.ended_at is None else AttemptState.SUCCEEDED)


def hand_over_of(attempt: Attempt) -> HandOver:
    """The attempt's key."""
    return HandOver(
        environment=attempt.environment,
        uid=attempt.uid,
        operation=attempt.operation,
        stage=attempt.stage,
        attempt=attempt.number,
    )


def attempt_failure(attempt: Attempt) -> failure_pb2.Failure | None:
    """Why it failed, with where; None when it did not."""
    if attempt.failure is None:
        return None
    trace_id = trace_id_of(attempt.traceparent)
    return failure_to_proto(attempt.failure, stage=attempt.stage, step=attempt.step, trace_id=trace_id)
