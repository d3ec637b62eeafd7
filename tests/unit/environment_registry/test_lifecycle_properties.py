"""Random lives: whatever people wish and stages answer, in whatever order, the invariants hold."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.environment_registry.lifecycle import MOVING, Answer, Course, Kind, Outcome, Stage, Verdict
from tests.unit.environment_registry.lifecycle_driving import Life

_FINAL = (Kind.SUCCEEDED, Kind.FAILED, Kind.STOPPED)
_MILESTONES = (Kind.CLUSTER_AVAILABLE, Kind.BACKENDS_AVAILABLE)
_RESTING = {Course.ACTIVE, Course.FAILED, Course.CANCELLED, Course.DELETED}


class Lives(RuleBasedStateMachine):
    """One environment under random commands, answers, duplicates and late answers."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()
        self.said: list[Answer] = []
        self.delete_wished = False

    @initialize(undo_if_failed=st.booleans())
    def create(self, undo_if_failed: bool) -> None:
        self.life.command(Kind.CREATE, undo_if_failed=undo_if_failed)

    def _say(self, answer: Answer) -> None:
        self.said.append(answer)
        before = self.life.vector
        self.life.take(answer)
        after = self.life.vector
        if after.undoing and not before.undoing:
            # Only a failure undoes, only of what never was whole, and only where that was wished.
            assert after.first_failed is not None and after.undo_if_failed and not after.was_active
            self.delete_wished = True

    def _of(self, stage: Stage, kind: Kind) -> Answer:
        entry = self.life.vector.entry(stage)
        return Answer(kind, stage, entry.operation, entry.attempt, "step")

    @precondition(lambda self: self.life.in_flight())
    @rule(data=st.data(), kind=st.sampled_from((*_FINAL, Kind.SUCCEEDED, Kind.STEP)))
    def answer(self, data: st.DataObject, kind: Kind) -> None:
        self._say(self._of(data.draw(st.sampled_from(self.life.in_flight())), kind))

    @precondition(lambda self: Stage.DEPLOYMENT in self.life.in_flight())
    @rule(kind=st.sampled_from(_MILESTONES))
    def milestone(self, kind: Kind) -> None:
        self._say(self._of(Stage.DEPLOYMENT, kind))

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def say_again(self, data: st.DataObject) -> None:
        """A duplicate, or a late answer: only a repeated step or milestone of an open attempt may be taken."""
        answer = data.draw(st.sampled_from(self.said))
        before = self.life.vector
        transition = self.life.take(answer)
        if answer.kind in _FINAL:
            assert (transition.verdict, transition.vector) == (Verdict.IGNORED, before)
        assert transition.ended is None

    @rule()
    def retry(self) -> None:
        course = self.life.vector.course
        transition = self.life.command(Kind.RETRY)
        assert (transition.verdict is Verdict.TAKEN) == (course in (Course.FAILED, Course.CANCELLED))

    @rule()
    def cancel(self) -> None:
        self.life.command(Kind.CANCEL)

    @rule()
    def delete(self) -> None:
        gone = self.life.vector.course is Course.DELETED
        transition = self.life.command(Kind.DELETE)
        assert (transition.verdict is Verdict.REFUSED) == gone
        self.delete_wished = True

    @invariant()
    def an_operation_runs_exactly_while_the_course_moves(self) -> None:
        vector = self.life.vector
        if vector.course is Course.ABSENT:
            return
        assert (vector.operation not in self.life.ended) == (vector.course in MOVING)

    @invariant()
    def a_running_operation_waits_for_somebody(self) -> None:
        vector = self.life.vector
        assert vector.busy == (vector.course in MOVING)

    @invariant()
    def a_delete_wins(self) -> None:
        vector = self.life.vector
        assert vector.absent_wished == self.delete_wished
        if self.delete_wished:
            assert vector.course not in (Course.BUILDING, Course.FAILING, Course.CANCELLING, Course.ACTIVE)

    @invariant()
    def building_and_removing_never_overlap(self) -> None:
        stages = set(self.life.in_flight())
        removing = stages & {Stage.DRAIN, Stage.DESTROY, Stage.RELEASE}
        assert len(removing) <= 1
        assert not (removing and stages - removing)

    @invariant()
    def what_waits_for_no_stage_asks_for_a_stop(self) -> None:
        vector = self.life.vector
        if vector.course in (Course.FAILING, Course.CANCELLING, Course.HALTING):
            assert all(entry.stopping for _, entry in vector.in_flight())

    @invariant()
    def a_failure_has_a_stage(self) -> None:
        vector = self.life.vector
        if self.life.ended.get(vector.operation) is Outcome.FAILED:
            assert vector.first_failed is not None

    @invariant()
    def what_is_undone_ends_as_a_failure(self) -> None:
        vector = self.life.vector
        if vector.undoing:
            assert vector.course in (
                Course.DELETING, Course.HALTING, Course.FAILED, Course.CANCELLED, Course.DELETED,
            )  # fmt: skip
            assert self.life.ended.get(vector.operation) is not Outcome.SUCCEEDED
            if vector.course is Course.DELETED:
                assert self.life.ended[vector.operation] is Outcome.FAILED

    @invariant()
    def a_failed_create_is_not_left_where_it_is_to_be_undone(self) -> None:
        vector = self.life.vector
        if vector.course is Course.FAILED and vector.undo_if_failed and not vector.was_active:
            assert vector.absent_wished

    @invariant()
    def every_hand_over_is_asked_once(self) -> None:
        keys = [(ask.operation, ask.stage, ask.attempt) for ask in self.life.asks]
        assert len(keys) == len(set(keys))
        numbers = [(ask.stage, ask.attempt) for ask in self.life.asks]
        assert len(numbers) == len(set(numbers))

    def teardown(self) -> None:
        """When every stage answers, a resting course is reached; and a delete then leads to DELETED."""
        life = self.life
        if life.vector.course is Course.ABSENT:
            return
        self._all_answer()
        assert life.vector.course in _RESTING
        if life.vector.course is not Course.DELETED:
            life.command(Kind.DELETE)
            self._all_answer()
        assert life.vector.course is Course.DELETED
        assert life.ended[life.vector.operation] is (Outcome.FAILED if life.vector.undoing else Outcome.SUCCEEDED)

    def _all_answer(self) -> None:
        for _ in range(20):
            for stage in self.life.in_flight():
                self._say(self._of(stage, Kind.SUCCEEDED))
        assert not self.life.vector.busy


Lives.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestLives = Lives.TestCase
