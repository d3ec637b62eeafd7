"""`advance`: the only way in which an environment's vector changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.environment_registry.lifecycle.events import (
    Answer,
    Ask,
    Command,
    Event,
    Kind,
    Stop,
    Transition,
    Verdict,
)
from services.environment_registry.lifecycle.table import BUILD_ORDER, RENEWED, Effect, rows_of
from services.environment_registry.lifecycle.vector import MOVING, Course, Stage, StageState, Vector

_ENDING = {
    Kind.SUCCEEDED: StageState.SUCCEEDED,
    Kind.FAILED: StageState.FAILED,
    Kind.STOPPED: StageState.STOPPED,
}
_MILESTONES = frozenset({Kind.CLUSTER_AVAILABLE, Kind.BACKENDS_AVAILABLE})


def advance(vector: Vector, event: Event, now: datetime) -> Transition:
    """Answer what an event leads to. Pure; `now` only stamps entries.

    An answer whose key is not the newest attempt's, or which comes after that attempt has ended, is IGNORED;
    a command that the course does not allow is REFUSED. Either leaves the vector as it was.
    """
    before = vector
    if isinstance(event, Answer):
        if not _matches(vector, event):
            return Transition(before, Verdict.IGNORED)
        vector = _record(vector, event, now)
    elif event.kind is Kind.CANCEL and event.operation != vector.operation:
        return Transition(before, Verdict.REFUSED)
    for row in rows_of(vector.course, event.kind):
        if not row.guard(vector, event):
            continue
        if Effect.JOIN in row.effects:
            return Transition(before, Verdict.JOINED)
        superseded = None
        if Effect.OPEN in row.effects:
            superseded = vector.operation if vector.course in MOVING else None
            vector = replace(vector, operation=event.operation, first_failed=None, undoing=False)
            if isinstance(event, Command) and event.kind is Kind.CREATE:
                vector = replace(vector, undo_if_failed=event.undo_if_failed)
        if Effect.UNDO in row.effects:
            vector = replace(vector, undoing=True, absent_wished=True)
        if Effect.WISH_ABSENT in row.effects:
            vector = replace(vector, absent_wished=True)
        if Effect.RENEW in row.effects:
            vector = _renew(vector, now)
        vector = replace(vector, course=row.to or vector.course)
        if vector.course is Course.ACTIVE:
            vector = replace(vector, was_active=True, updating=False)
        stops: tuple[Stop, ...] = ()
        asks: tuple[Ask, ...] = ()
        if Effect.STOP in row.effects:
            vector, stops = _stop(vector, now)
        if Effect.ASK in row.effects:
            vector, asks = _ask(vector, now)
        return Transition(vector, Verdict.TAKEN, asks, stops, row.ends, superseded)
    return Transition(before, Verdict.REFUSED if isinstance(event, Command) else Verdict.IGNORED)


def _matches(vector: Vector, answer: Answer) -> bool:
    """Say whether an answer is of the newest attempt, and that attempt has not ended."""
    entry = vector.entry(answer.stage)
    if (entry.operation, entry.attempt) != (answer.operation, answer.attempt) or not entry.in_flight:
        return False
    return answer.kind not in _MILESTONES or answer.stage is Stage.DEPLOYMENT


def _record(vector: Vector, answer: Answer, now: datetime) -> Vector:
    """Write an answer into its stage's entry."""
    entry = vector.entry(answer.stage)
    if answer.kind in _ENDING:
        entry = replace(entry, state=_ENDING[answer.kind], stopping=False, ended_at=now)
    else:
        entry = replace(entry, state=StageState.RUNNING)
    at_step = answer.kind is Kind.STEP
    entry = replace(
        entry, step=answer.step or entry.step, changed_at=now, queue_position=0,
        retries=max(entry.retries, answer.retries), waiting_for=answer.waiting_for if at_step else "",
    )  # fmt: skip
    vector = vector.with_entry(answer.stage, entry)
    # What was applied has both milestones, so that a milestone lost on the way costs time only.
    applied = answer.stage is Stage.DEPLOYMENT and answer.kind is Kind.SUCCEEDED
    if applied or answer.kind is Kind.CLUSTER_AVAILABLE:
        vector = replace(vector, cluster_available=True, cluster_seen=True)
    if applied or answer.kind is Kind.BACKENDS_AVAILABLE:
        vector = replace(vector, backends_available=True)
    own = answer.operation == vector.operation
    if answer.kind is Kind.FAILED and own and vector.first_failed is None:
        vector = replace(vector, first_failed=answer.stage)
    return vector


def _renew(vector: Vector, now: datetime) -> Vector:
    """Forget that the document was built; attempts go on counting."""
    for stage in RENEWED:
        if vector.asked(stage):
            vector = vector.with_entry(stage, replace(vector.entry(stage), state=StageState.IDLE, changed_at=now))
    return replace(vector, updating=vector.was_active)


def _stop(vector: Vector, now: datetime) -> tuple[Vector, tuple[Stop, ...]]:
    stops = []
    for stage, entry in list(vector.in_flight()):
        if not entry.stopping:
            vector = vector.with_entry(stage, replace(entry, stopping=True, changed_at=now))
            stops.append(Stop(stage, entry.operation, entry.attempt))
    return vector, tuple(stops)


def _ask(vector: Vector, now: datetime) -> tuple[Vector, tuple[Ask, ...]]:
    asks = []
    for stage in _ready(vector):
        if stage is Stage.DEPLOYMENT:
            vector = replace(vector, cluster_available=False, backends_available=False)
        attempt = vector.entry(stage).attempt + 1
        entry = replace(
            vector.entry(stage), state=StageState.REQUESTED, attempt=attempt, operation=vector.operation,
            step="", stopping=False, asked_at=now, changed_at=now, ended_at=None,
            retries=0, queue_position=0, waiting_for="",
        )  # fmt: skip
        vector = vector.with_entry(stage, entry)
        asks.append(Ask(stage, vector.operation, attempt))
    return vector, tuple(asks)


def _ready(vector: Vector) -> tuple[Stage, ...]:
    """Answer the stages to ask now: those of a build side by side, those of a delete one by one."""
    if vector.course is Course.DELETING:
        left = [stage for stage in vector.teardown() if not vector.succeeded(stage)]
        return () if vector.busy else tuple(left[:1])
    waiting = [
        need.stage for need in BUILD_ORDER
        if not vector.entry(need.stage).in_flight and not vector.succeeded(need.stage)
    ]  # fmt: skip
    met = {need.stage for need in BUILD_ORDER if need.holds(vector)}
    # A deployment about to be asked again takes its milestones back: nothing that rests on them may be asked now.
    if Stage.DEPLOYMENT in waiting:
        met -= {Stage.BASELINE, Stage.BETA9}
    return tuple(stage for stage in waiting if stage in met)
