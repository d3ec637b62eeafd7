"""The one transition table of an environment's life, and the order in which stages are asked.

A row is (course, kind of event, guard over the vector) -> (next course, effects). For every course and kind
the first row whose guard holds applies; a pair without a row changes nothing (`advance` says what is then
answered). Guards see the vector with the event's answer already written into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from services.environment_registry.lifecycle.events import Answer, Event, Kind, Outcome
from services.environment_registry.lifecycle.vector import Course, Stage, Vector

Guard = Callable[[Vector, Event], bool]


class Effect(StrEnum):
    """What a row does beside changing the course."""

    ASK = "ask"
    """Ask every stage whose needs are met."""
    STOP = "stop"
    """Ask every stage in flight to stop."""
    OPEN = "open"
    """Make the command's operation the newest one, ending the one before when it runs."""
    RENEW = "renew"
    """Whatever builds the document is to be asked anew, what succeeded before too."""
    UNDO = "undo"
    """The operation, which failed, goes on by destroying what it built."""
    WISH_ABSENT = "wish_absent"
    """From now on the environment is to be gone."""
    JOIN = "join"
    """Leave all as it is: the running operation already serves the command."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    courses: tuple[Course, ...]
    kinds: tuple[Kind, ...]
    guard: Guard
    to: Course | None
    """The next course; None keeps the present one."""
    effects: tuple[Effect, ...] = ()
    ends: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What must hold before a stage is asked during a build."""

    stage: Stage
    holds: Callable[[Vector], bool]


RENEWED = (Stage.PREFLIGHT, Stage.DEPLOYMENT, Stage.BASELINE, Stage.BETA9)
"""The stages that look at the document. The state's backend stays where it is."""

BUILD_ORDER: tuple[Need, ...] = (
    Need(Stage.PREFLIGHT, lambda vector: True),
    Need(Stage.STATE_BACKEND, lambda vector: vector.succeeded(Stage.PREFLIGHT)),
    Need(
        Stage.DEPLOYMENT,
        lambda vector: vector.succeeded(Stage.PREFLIGHT) and vector.succeeded(Stage.STATE_BACKEND),
    ),
    # In a cluster that serves people, charts are not moved while its nodes are.
    Need(
        Stage.BASELINE,
        lambda vector: vector.succeeded(Stage.DEPLOYMENT) if vector.updating else vector.cluster_available,
    ),
    Need(Stage.BETA9, lambda vector: vector.succeeded(Stage.BASELINE) and vector.backends_available),
)


def always(vector: Vector, event: Event) -> bool:
    """Hold in every case."""
    return True


def built(vector: Vector, event: Event) -> bool:
    """All that a create wishes is done."""
    return vector.built


def to_undo(vector: Vector, event: Event) -> bool:
    """What was being built is to be destroyed now that it failed, and something was begun."""
    return vector.undo_if_failed and not vector.was_active


def nothing_to_undo(vector: Vector, event: Event) -> bool:
    """The same, and nothing was begun."""
    return to_undo(vector, event) and vector.gone


def undone(vector: Vector, event: Event) -> bool:
    """All that a failed create had built is gone."""
    return vector.undoing and vector.gone


def undoing(vector: Vector, event: Event) -> bool:
    """The running operation destroys what it had built."""
    return vector.undoing


def gone(vector: Vector, event: Event) -> bool:
    """All that a delete wishes is done."""
    return vector.gone


def busy(vector: Vector, event: Event) -> bool:
    """Some stage has not answered."""
    return vector.busy


def absent_wished(vector: Vector, event: Event) -> bool:
    """The environment is to be gone."""
    return vector.absent_wished


def present_wished(vector: Vector, event: Event) -> bool:
    """The environment is to be there."""
    return not vector.absent_wished


def gone_as_wished(vector: Vector, event: Event) -> bool:
    """The environment is to be gone, and is."""
    return vector.absent_wished and vector.gone


def leftover(vector: Vector, event: Event) -> bool:
    """The answer is of an operation that was superseded."""
    return isinstance(event, Answer) and event.operation != vector.operation


_ANSWERED = (Kind.SUCCEEDED, Kind.FAILED, Kind.STOPPED)
_NOTED = (Kind.STEP, Kind.CLUSTER_AVAILABLE, Kind.BACKENDS_AVAILABLE)
_UNDOABLE = (
    Course.BUILDING, Course.FAILING, Course.CANCELLING, Course.HALTING,
    Course.ACTIVE, Course.FAILED, Course.CANCELLED,
)  # fmt: skip
_UNDO = (Effect.UNDO, Effect.ASK)
_DELETE = (Effect.OPEN, Effect.WISH_ABSENT, Effect.STOP, Effect.ASK)

TABLE: tuple[Row, ...] = (
    # A create, and what goes on from it.
    Row((Course.ABSENT,), (Kind.CREATE,), always, Course.BUILDING, (Effect.OPEN, Effect.ASK)),
    # A changed document, or credentials to be made anew.
    Row((Course.ACTIVE, Course.FAILED, Course.CANCELLED), (Kind.UPDATE,), present_wished, Course.BUILDING,
        (Effect.OPEN, Effect.RENEW, Effect.ASK)),
    Row((Course.BUILDING,), (Kind.STEP,), always, None),
    Row((Course.BUILDING,), (Kind.CLUSTER_AVAILABLE, Kind.BACKENDS_AVAILABLE), always, None, (Effect.ASK,)),
    Row((Course.BUILDING,), (Kind.SUCCEEDED,), built, Course.ACTIVE, (), Outcome.SUCCEEDED),
    Row((Course.BUILDING,), (Kind.SUCCEEDED,), always, None, (Effect.ASK,)),
    # One stage failed: the others are stopped, and the operation ends with the first failure.
    Row((Course.BUILDING,), (Kind.FAILED,), busy, Course.FAILING, (Effect.STOP,)),
    Row((Course.BUILDING,), (Kind.FAILED,), nothing_to_undo, Course.DELETED, (Effect.UNDO,), Outcome.FAILED),
    Row((Course.BUILDING,), (Kind.FAILED,), to_undo, Course.DELETING, _UNDO),
    Row((Course.BUILDING,), (Kind.FAILED,), always, Course.FAILED, (), Outcome.FAILED),
    Row((Course.FAILING,), (Kind.CANCEL,), always, None, (Effect.JOIN,)),
    Row((Course.FAILING,), _NOTED, always, None),
    Row((Course.FAILING,), _ANSWERED, busy, None),
    Row((Course.FAILING,), _ANSWERED, nothing_to_undo, Course.DELETED, (Effect.UNDO,), Outcome.FAILED),
    Row((Course.FAILING,), _ANSWERED, to_undo, Course.DELETING, _UNDO),
    Row((Course.FAILING,), _ANSWERED, always, Course.FAILED, (), Outcome.FAILED),
    # A cancel. A stage that stops unasked was stopped by an operator at the stage: the rest follows it.
    Row((Course.BUILDING,), (Kind.CANCEL,), always, Course.CANCELLING, (Effect.STOP,)),
    Row((Course.BUILDING,), (Kind.STOPPED,), busy, Course.CANCELLING, (Effect.STOP,)),
    Row((Course.BUILDING,), (Kind.STOPPED,), always, Course.CANCELLED, (), Outcome.CANCELLED),
    Row((Course.CANCELLING,), (Kind.CANCEL,), always, None, (Effect.JOIN,)),
    Row((Course.CANCELLING,), _NOTED, always, None),
    Row((Course.CANCELLING,), _ANSWERED, built, Course.ACTIVE, (), Outcome.SUCCEEDED),
    Row((Course.CANCELLING,), _ANSWERED, busy, None),
    Row((Course.CANCELLING,), _ANSWERED, always, Course.CANCELLED, (), Outcome.CANCELLED),
    # A delete is accepted in every course; it waits for the checkpoints of what it supersedes.
    # What a failed create undoes by itself goes on as the delete's.
    Row((Course.DELETING,), (Kind.DELETE,), undoing, None, (Effect.OPEN,)),
    Row((Course.DELETING,), (Kind.DELETE,), always, None, (Effect.JOIN,)),
    Row(_UNDOABLE, (Kind.DELETE,), gone, Course.DELETED, (Effect.OPEN, Effect.WISH_ABSENT),
        Outcome.SUCCEEDED),
    Row(_UNDOABLE, (Kind.DELETE,), always, Course.DELETING, _DELETE),
    Row((Course.DELETING,), _NOTED, always, None),
    Row((Course.DELETING,), _ANSWERED, busy, None),
    Row((Course.DELETING,), _ANSWERED, undone, Course.DELETED, (), Outcome.FAILED),
    Row((Course.DELETING,), _ANSWERED, gone, Course.DELETED, (), Outcome.SUCCEEDED),
    Row((Course.DELETING,), _ANSWERED, leftover, None, (Effect.ASK,)),
    Row((Course.DELETING,), (Kind.SUCCEEDED,), always, None, (Effect.ASK,)),
    Row((Course.DELETING,), (Kind.FAILED,), always, Course.FAILED, (), Outcome.FAILED),
    Row((Course.DELETING,), (Kind.STOPPED,), always, Course.CANCELLED, (), Outcome.CANCELLED),
    # A cancel of a delete.
    Row((Course.DELETING,), (Kind.CANCEL,), always, Course.HALTING, (Effect.STOP,)),
    Row((Course.HALTING,), (Kind.CANCEL,), always, None, (Effect.JOIN,)),
    Row((Course.HALTING,), _NOTED, always, None),
    Row((Course.HALTING,), _ANSWERED, busy, None),
    Row((Course.HALTING,), _ANSWERED, undone, Course.DELETED, (), Outcome.FAILED),
    Row((Course.HALTING,), _ANSWERED, gone, Course.DELETED, (), Outcome.SUCCEEDED),
    Row((Course.HALTING,), _ANSWERED, always, Course.CANCELLED, (), Outcome.CANCELLED),
    # A retry goes on towards what is wished.
    Row((Course.FAILED, Course.CANCELLED), (Kind.RETRY,), gone_as_wished, Course.DELETED, (Effect.OPEN,),
        Outcome.SUCCEEDED),
    Row((Course.FAILED, Course.CANCELLED), (Kind.RETRY,), absent_wished, Course.DELETING,
        (Effect.OPEN, Effect.ASK)),
    Row((Course.FAILED, Course.CANCELLED), (Kind.RETRY,), built, Course.ACTIVE, (Effect.OPEN,),
        Outcome.SUCCEEDED),
    Row((Course.FAILED, Course.CANCELLED), (Kind.RETRY,), always, Course.BUILDING, (Effect.OPEN, Effect.ASK)),
)  # fmt: skip


def rows_of(course: Course, kind: Kind) -> tuple[Row, ...]:
    """Answer the rows of a pair, in the order in which their guards are tried."""
    return _BY_PAIR.get((course, kind), ())


def _index() -> dict[tuple[Course, Kind], tuple[Row, ...]]:
    index: dict[tuple[Course, Kind], tuple[Row, ...]] = {}
    for row in TABLE:
        for course in row.courses:
            for kind in row.kinds:
                index[course, kind] = (*index.get((course, kind), ()), row)
    return index


_BY_PAIR = _index()
