"""The vector of stage states that an environment's life is decided on. Frozen, and standard library alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """A piece of the way that one stage service works on; the value is the key in hand-overs and subjects."""

    PREFLIGHT = "preflight"
    STATE_BACKEND = "state_backend"
    DEPLOYMENT = "deployment"
    BASELINE = "baseline"
    BETA9 = "beta9"
    DRAIN = "drain"
    DESTROY = "destroy"
    RELEASE = "release"


class StageState(StrEnum):
    """The state of a stage's newest attempt."""

    IDLE = "idle"
    REQUESTED = "requested"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


IN_FLIGHT = frozenset({StageState.REQUESTED, StageState.RUNNING})


class Course(StrEnum):
    """What the registry is doing with an environment; the public state is derived from it.

    Each course says who acts next: the stages (BUILDING to HALTING), a person (FAILED, CANCELLED), or nobody
    (ACTIVE, DELETED). ABSENT is the course before the create.
    """

    ABSENT = "absent"
    BUILDING = "building"
    FAILING = "failing"
    CANCELLING = "cancelling"
    ACTIVE = "active"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"
    HALTING = "halting"
    DELETED = "deleted"


MOVING = frozenset(
    {Course.BUILDING, Course.FAILING, Course.CANCELLING, Course.DELETING, Course.HALTING},
)
"""Courses during which an operation runs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stage's newest attempt. Answers must match its (operation, attempt).

    No decision rests on what is told for people: how often the step was tried again, the place in the queue, and what
    is waited for.
    """

    state: StageState = StageState.IDLE
    attempt: int = 0
    operation: str = ""
    step: str = ""
    stopping: bool = False
    asked_at: datetime | None = None
    changed_at: datetime | None = None
    ended_at: datetime | None = None
    retries: int = 0
    queue_position: int = 0
    waiting_for: str = ""

    @property
    def in_flight(self) -> bool:
        """Whether an answer is still to come."""
        return self.state in IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Vector:
    """All that a decision rests on.

    `operation` is the newest operation's id. `cluster_available` and `backends_available` are milestones of
    the deployment's newest attempt; `cluster_seen` says whether any attempt ever had a cluster, and stays so.
    `first_failed` is the stage whose failure the newest operation ends with. `was_active` says whether it was ever
    built whole; `updating` whether what is being built is a change to that. `undo_if_failed` says that a create which
    fails is to be destroyed; `undoing` whether the newest operation, which was to build, destroys for that reason.
    """

    course: Course = Course.ABSENT
    absent_wished: bool = False
    operation: str = ""
    entries: Mapping[Stage, Entry] = field(default_factory=dict)
    cluster_available: bool = False
    backends_available: bool = False
    cluster_seen: bool = False
    first_failed: Stage | None = None
    was_active: bool = False
    undo_if_failed: bool = False
    undoing: bool = False
    updating: bool = False

    def entry(self, stage: Stage) -> Entry:
        """Answer the stage's entry, IDLE when it was never asked."""
        return self.entries.get(stage, Entry())

    def with_entry(self, stage: Stage, entry: Entry) -> Vector:
        """Answer a copy in which the stage has another entry."""
        return replace(self, entries={**self.entries, stage: entry})

    def in_flight(self) -> Iterator[tuple[Stage, Entry]]:
        """Yield the stages whose answer is still to come, in the order of the way."""
        return ((stage, self.entry(stage)) for stage in Stage if self.entry(stage).in_flight)

    @property
    def busy(self) -> bool:
        """Whether any stage's answer is still to come."""
        return any(True for _ in self.in_flight())

    def succeeded(self, stage: Stage) -> bool:
        """Answer whether the stage's newest attempt succeeded."""
        return self.entry(stage).state is StageState.SUCCEEDED

    def asked(self, stage: Stage) -> bool:
        """Answer whether the stage was ever asked."""
        return self.entry(stage).attempt > 0

    @property
    def built(self) -> bool:
        """Whether all that a create wishes is done."""
        return not self.busy and self.succeeded(Stage.DEPLOYMENT) and self.succeeded(Stage.BETA9)

    @property
    def gone(self) -> bool:
        """Whether all that a delete wishes is done."""
        return not self.busy and all(self.succeeded(stage) for stage in self.teardown())

    def teardown(self) -> tuple[Stage, ...]:
        """Answer the stages that a delete needs, in order: only what was ever begun is taken down."""
        needed = (
            (Stage.DRAIN, self.cluster_seen),
            (Stage.DESTROY, self.asked(Stage.DEPLOYMENT)),
            (Stage.RELEASE, self.asked(Stage.STATE_BACKEND)),
        )
        return tuple(stage for stage, holds in needed if holds)
