"""Every pair of course and event, one by one."""

from __future__ import annotations

import pytest

from services.environment_registry.lifecycle import Course, Kind, Stage, StageState, Verdict
from services.environment_registry.lifecycle.table import TABLE, rows_of
from tests.unit.environment_registry.lifecycle_driving import LIVES, NOW

REFUSED, IGNORED, JOINED = Verdict.REFUSED, Verdict.IGNORED, Verdict.JOINED
COMMANDS = (Kind.CREATE, Kind.UPDATE, Kind.RETRY, Kind.DELETE, Kind.CANCEL)

# What each command leads to, by course: the next course, or the verdict when nothing changes.
AFTER_COMMAND: dict[Course, tuple[Course | Verdict, ...]] = {
    #                  CREATE           UPDATE           RETRY            DELETE           CANCEL
    Course.ABSENT: (Course.BUILDING, REFUSED, REFUSED, REFUSED, REFUSED),
    Course.BUILDING: (REFUSED, REFUSED, REFUSED, Course.DELETING, Course.CANCELLING),
    Course.FAILING: (REFUSED, REFUSED, REFUSED, Course.DELETING, JOINED),
    Course.CANCELLING: (REFUSED, REFUSED, REFUSED, Course.DELETING, JOINED),
    Course.ACTIVE: (REFUSED, Course.BUILDING, REFUSED, Course.DELETING, REFUSED),
    Course.FAILED: (REFUSED, Course.BUILDING, Course.BUILDING, Course.DELETING, REFUSED),
    Course.CANCELLED: (REFUSED, Course.BUILDING, Course.BUILDING, Course.DELETING, REFUSED),
    Course.DELETING: (REFUSED, REFUSED, REFUSED, JOINED, Course.HALTING),
    Course.HALTING: (REFUSED, REFUSED, REFUSED, Course.DELETING, JOINED),
    Course.DELETED: (REFUSED, REFUSED, REFUSED, REFUSED, REFUSED),
}
# What an answer of the stage that is first in flight leads to, by course (LIVES says what is in flight).
ANSWERS = (Kind.STEP, Kind.CLUSTER_AVAILABLE, Kind.BACKENDS_AVAILABLE, Kind.SUCCEEDED, Kind.FAILED, Kind.STOPPED)
AFTER_ANSWER: dict[Course, tuple[Course | Verdict, ...]] = {
    Course.ABSENT: (IGNORED,) * 6,
    # The deployment answers while the baseline is in flight.
    Course.BUILDING: (*(Course.BUILDING,) * 4, Course.FAILING, Course.CANCELLING),
    # The deployment answers, and nothing else is in flight.
    Course.FAILING: (*(Course.FAILING,) * 3, *(Course.FAILED,) * 3),
    Course.CANCELLING: (Course.CANCELLING,) * 6,
    Course.ACTIVE: (IGNORED,) * 6,
    Course.FAILED: (IGNORED,) * 6,
    Course.CANCELLED: (IGNORED,) * 6,
    # The drain answers; it has no milestones.
    Course.DELETING: (
        Course.DELETING, IGNORED, IGNORED, Course.DELETING, Course.FAILED, Course.CANCELLED,
    ),
    Course.HALTING: (Course.HALTING, IGNORED, IGNORED, *(Course.CANCELLED,) * 3),
    Course.DELETED: (IGNORED,) * 6,
}  # fmt: skip


@pytest.mark.parametrize("course", Course)
@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_in_every_course(course: Course, kind: Kind) -> None:
    life = LIVES[course]()
    before = life.vector

    transition = life.command(kind)

    expected = AFTER_COMMAND[course][COMMANDS.index(kind)]
    if isinstance(expected, Course):
        assert (transition.verdict, life.vector.course) == (Verdict.TAKEN, expected)
    else:
        assert transition.verdict is expected
        assert life.vector == before
        assert not (transition.asks or transition.stops or transition.ended or transition.superseded)


@pytest.mark.parametrize("course", Course)
@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_in_every_course(course: Course, kind: Kind) -> None:
    life = LIVES[course]()
    before = life.vector
    stage = next(iter(life.in_flight()), Stage.DEPLOYMENT)

    transition = life.answer(stage, kind)

    expected = AFTER_ANSWER[course][ANSWERS.index(kind)]
    if isinstance(expected, Course):
        assert (transition.verdict, life.vector.course) == (Verdict.TAKEN, expected)
    else:
        assert (transition.verdict, life.vector) == (expected, before)


@pytest.mark.parametrize("course", Course)
@pytest.mark.parametrize("kind", ANSWERS)
def test_a_late_answer_changes_nothing(course: Course, kind: Kind) -> None:
    from services.environment_registry.lifecycle import Answer, advance

    vector = LIVES[course]().vector
    for stage in Stage:
        entry = vector.entry(stage)
        for operation, attempt in ((entry.operation, entry.attempt + 1), ("another", entry.attempt), ("", 0)):
            transition = advance(vector, Answer(kind, stage, operation, attempt), NOW)
            assert (transition.verdict, transition.vector) == (IGNORED, vector)


def test_the_last_row_of_every_pair_always_applies() -> None:
    """So that what happens never depends on a guard that nobody thought of."""
    from services.environment_registry.lifecycle.table import always

    pairs = {(course, kind) for row in TABLE for course in row.courses for kind in row.kinds}
    # What an update's guard leaves over is refused.
    pairs = {pair for pair in pairs if pair[1] is not Kind.UPDATE}
    assert [pair for pair in sorted(pairs) if rows_of(*pair)[-1].guard is not always] == []


def test_a_stage_in_flight_is_known_by_its_state() -> None:
    life = LIVES[Course.BUILDING]()
    assert life.vector.entry(Stage.BASELINE).state is StageState.REQUESTED
    life.answer(Stage.BASELINE, Kind.STEP)
    assert life.vector.entry(Stage.BASELINE).state is StageState.RUNNING
