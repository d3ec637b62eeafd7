"""Drives a vector through the lifecycle, for the tests of the table."""

from __future__ import annotations

from datetime import UTC, datetime

from services.environment_registry.lifecycle import (
    Answer,
    Ask,
    Command,
    Course,
    Event,
    Kind,
    Outcome,
    Stage,
    Stop,
    Transition,
    Vector,
    Verdict,
    advance,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Life:
    """An environment's vector, and all that its events led to."""

    def __init__(self) -> None:
        self.vector = Vector()
        self.asks: list[Ask] = []
        self.stops: list[Stop] = []
        self.ended: dict[str, Outcome] = {}
        self.operations = 0

    def take(self, event: Event) -> Transition:
        transition = advance(self.vector, event, NOW)
        self.vector = transition.vector
        self.asks += transition.asks
        self.stops += transition.stops
        if transition.superseded is not None:
            assert transition.superseded not in self.ended
            self.ended[transition.superseded] = Outcome.CANCELLED
        if transition.ended is not None:
            assert self.vector.operation not in self.ended
            self.ended[self.vector.operation] = transition.ended
        return transition

    def command(self, kind: Kind, *, undo_if_failed: bool = False) -> Transition:
        if kind is Kind.CANCEL:
            return self.take(Command(kind, self.vector.operation))
        self.operations += 1
        return self.take(Command(kind, f"op{self.operations}", undo_if_failed))

    def answer(self, stage: Stage, kind: Kind) -> Transition:
        entry = self.vector.entry(stage)
        return self.take(Answer(kind, stage, entry.operation, entry.attempt, "a step"))

    def succeed(self, *stages: Stage) -> Transition:
        for stage in stages:
            transition = self.answer(stage, Kind.SUCCEEDED)
            assert transition.verdict is Verdict.TAKEN, stage
        return transition

    def in_flight(self) -> list[Stage]:
        return [stage for stage, _ in self.vector.in_flight()]


def building() -> Life:
    """The deployment, the baseline and nothing else are in flight."""
    life = Life()
    life.command(Kind.CREATE)
    life.succeed(Stage.PREFLIGHT, Stage.STATE_BACKEND)
    life.answer(Stage.DEPLOYMENT, Kind.CLUSTER_AVAILABLE)
    assert life.in_flight() == [Stage.DEPLOYMENT, Stage.BASELINE]
    return life


def active() -> Life:
    """All is built."""
    life = building()
    life.succeed(Stage.BASELINE)
    life.answer(Stage.DEPLOYMENT, Kind.BACKENDS_AVAILABLE)
    life.succeed(Stage.DEPLOYMENT, Stage.BETA9)
    assert life.vector.course is Course.ACTIVE
    return life


def failing() -> Life:
    """The baseline failed, the deployment is asked to stop."""
    life = building()
    life.answer(Stage.BASELINE, Kind.FAILED)
    assert life.vector.course is Course.FAILING
    return life


def failed() -> Life:
    """The baseline failed, the deployment has stopped."""
    life = failing()
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    assert life.vector.course is Course.FAILED
    return life


def cancelling() -> Life:
    """A build is asked to stop."""
    life = building()
    life.command(Kind.CANCEL)
    return life


def cancelled() -> Life:
    """A build has stopped."""
    life = cancelling()
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    life.answer(Stage.BASELINE, Kind.STOPPED)
    assert life.vector.course is Course.CANCELLED
    return life


def deleting() -> Life:
    """The cluster is being drained."""
    life = active()
    life.command(Kind.DELETE)
    assert life.in_flight() == [Stage.DRAIN]
    return life


def halting() -> Life:
    """A delete is asked to stop."""
    life = deleting()
    life.command(Kind.CANCEL)
    return life


def deleted() -> Life:
    """All is gone."""
    life = deleting()
    life.succeed(Stage.DRAIN, Stage.DESTROY, Stage.RELEASE)
    assert life.vector.course is Course.DELETED
    return life


LIVES = {
    Course.ABSENT: Life,
    Course.BUILDING: building,
    Course.FAILING: failing,
    Course.CANCELLING: cancelling,
    Course.ACTIVE: active,
    Course.FAILED: failed,
    Course.CANCELLED: cancelled,
    Course.DELETING: deleting,
    Course.HALTING: halting,
    Course.DELETED: deleted,
}
"""An example of every course."""
