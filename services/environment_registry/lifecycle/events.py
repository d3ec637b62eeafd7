"""What can happen to an environment: commands of people, and answers of stages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.environment_registry.lifecycle.vector import Stage, Vector


class Kind(StrEnum):
    """The kind of an event; with the course it selects the rows of the transition table."""

    CREATE = "create"
    UPDATE = "update"
    RETRY = "retry"
    DELETE = "delete"
    CANCEL = "cancel"
    STEP = "step"
    CLUSTER_AVAILABLE = "cluster_available"
    BACKENDS_AVAILABLE = "backends_available"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Command:
    """A person's wish. `operation` is the id of the operation to serve it; CANCEL names the one to cancel.

    `undo_if_failed` comes with a CREATE: what it built is to be destroyed if it fails.
    """

    kind: Kind
    operation: str
    undo_if_failed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A stage's report on one hand-over, keyed by (operation, stage, attempt) within an environment.

    `retries` is how often its step was tried again, `waiting_for` what that pauses for.
    """

    kind: Kind
    stage: Stage
    operation: str
    attempt: int
    step: str = ""
    retries: int = 0
    waiting_for: str = ""


Event = Command | Answer


@dataclass(frozen=True, slots=True)
class Ask:
    """A hand-over to request of a stage."""

    stage: Stage
    operation: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A hand-over that is to end at its next checkpoint."""

    stage: Stage
    operation: str
    attempt: int


class Outcome(StrEnum):
    """How an operation ends."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What became of an event."""

    TAKEN = "taken"
    JOINED = "joined"
    """The wish is already being served by the running operation."""
    REFUSED = "refused"
    """A command that this course does not allow."""
    IGNORED = "ignored"
    """An answer that is late, a duplicate, or of another attempt."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event leads to.

    `ended` is the outcome of `vector.operation`; `superseded` is an operation that the event ended in favour
    of its own. Unless `verdict` is TAKEN the vector is the one before and everything else is empty.
    """

    vector: Vector
    verdict: Verdict = Verdict.TAKEN
    asks: tuple[Ask, ...] = ()
    stops: tuple[Stop, ...] = ()
    ended: Outcome | None = None
    superseded: str | None = None
