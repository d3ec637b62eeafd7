"""Whole lives: who is asked when, and how operations end."""

from __future__ import annotations

from services.environment_registry.lifecycle import Course, Kind, Outcome, Stage, StageState, Verdict
from tests.unit.environment_registry.lifecycle_driving import (
    Life,
    active,
    building,
    cancelled,
    cancelling,
    deleting,
    failed,
    failing,
    halting,
)


def asked(life: Life) -> list[tuple[Stage, int]]:
    return [(ask.stage, ask.attempt) for ask in life.asks]


def test_a_create_asks_one_stage_first() -> None:
    life = Life()
    life.command(Kind.CREATE)
    assert asked(life) == [(Stage.PREFLIGHT, 1)]


def test_the_baseline_overlaps_the_deployment() -> None:
    life = building()
    assert asked(life)[2:] == [(Stage.DEPLOYMENT, 1), (Stage.BASELINE, 1)]


def test_beta9_waits_for_the_baseline_and_the_backends() -> None:
    life = building()
    life.answer(Stage.DEPLOYMENT, Kind.BACKENDS_AVAILABLE)
    assert not life.vector.asked(Stage.BETA9)
    life.succeed(Stage.BASELINE)
    assert life.vector.asked(Stage.BETA9)


def test_beta9_waits_for_the_backends_after_the_baseline() -> None:
    life = building()
    life.succeed(Stage.BASELINE)
    assert not life.vector.asked(Stage.BETA9)
    life.answer(Stage.DEPLOYMENT, Kind.BACKENDS_AVAILABLE)
    assert life.vector.asked(Stage.BETA9)


def test_active_needs_both_the_deployment_and_beta9() -> None:
    life = building()
    life.succeed(Stage.BASELINE)
    life.answer(Stage.DEPLOYMENT, Kind.BACKENDS_AVAILABLE)
    life.succeed(Stage.BETA9)
    assert life.vector.course is Course.BUILDING
    life.succeed(Stage.DEPLOYMENT)
    assert life.vector.course is Course.ACTIVE
    assert life.ended == {"op1": Outcome.SUCCEEDED}


def test_milestones_lost_on_the_way_follow_from_the_applied_deployment() -> None:
    life = Life()
    life.command(Kind.CREATE)
    life.succeed(Stage.PREFLIGHT, Stage.STATE_BACKEND, Stage.DEPLOYMENT, Stage.BASELINE, Stage.BETA9)
    assert life.vector.course is Course.ACTIVE


def test_a_failure_stops_the_other_stages() -> None:
    life = failing()
    assert [(stop.stage, stop.attempt) for stop in life.stops] == [(Stage.DEPLOYMENT, 1)]
    assert life.ended == {}


def test_an_operation_ends_with_the_first_failure() -> None:
    life = failing()
    life.answer(Stage.DEPLOYMENT, Kind.FAILED)
    assert life.ended == {"op1": Outcome.FAILED}
    assert life.vector.first_failed is Stage.BASELINE


def test_a_retry_asks_only_what_did_not_succeed() -> None:
    life = failed()
    life.command(Kind.RETRY)
    assert asked(life)[-1] == (Stage.DEPLOYMENT, 2)
    assert life.in_flight() == [Stage.DEPLOYMENT]
    life.answer(Stage.DEPLOYMENT, Kind.CLUSTER_AVAILABLE)
    assert asked(life)[-1] == (Stage.BASELINE, 2)
    life.succeed(Stage.DEPLOYMENT, Stage.BASELINE, Stage.BETA9)
    assert life.vector.course is Course.ACTIVE
    assert life.ended["op2"] is Outcome.SUCCEEDED


def test_a_retry_leaves_a_deployment_that_succeeded_alone() -> None:
    life = building()
    life.succeed(Stage.DEPLOYMENT)
    life.answer(Stage.BASELINE, Kind.FAILED)
    life.command(Kind.RETRY)
    assert life.in_flight() == [Stage.BASELINE]


def test_a_cancel_stops_all_in_flight_and_waits_for_them() -> None:
    life = cancelling()
    assert [stop.stage for stop in life.stops] == [Stage.DEPLOYMENT, Stage.BASELINE]
    life.answer(Stage.DEPLOYMENT, Kind.SUCCEEDED)
    assert life.ended == {}
    life.answer(Stage.BASELINE, Kind.FAILED)
    assert life.ended == {"op1": Outcome.CANCELLED}


def test_a_cancel_that_comes_too_late_lets_the_operation_succeed() -> None:
    life = building()
    life.succeed(Stage.DEPLOYMENT, Stage.BASELINE)
    life.command(Kind.CANCEL)
    life.succeed(Stage.BETA9)
    assert life.vector.course is Course.ACTIVE
    assert life.ended == {"op1": Outcome.SUCCEEDED}


def test_a_retry_after_a_cancel_goes_on() -> None:
    life = cancelled()
    life.command(Kind.RETRY)
    assert life.in_flight() == [Stage.DEPLOYMENT]
    assert life.vector.entry(Stage.DEPLOYMENT).operation == "op2"


def test_a_delete_during_a_create_supersedes_it_and_waits_for_the_checkpoints() -> None:
    life = building()
    transition = life.command(Kind.DELETE)
    assert transition.superseded == "op1"
    assert [stop.stage for stop in transition.stops] == [Stage.DEPLOYMENT, Stage.BASELINE]
    assert transition.asks == ()
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    assert not life.vector.asked(Stage.DRAIN)
    life.answer(Stage.BASELINE, Kind.FAILED)
    assert life.in_flight() == [Stage.DRAIN]
    life.succeed(Stage.DRAIN, Stage.DESTROY, Stage.RELEASE)
    assert life.vector.course is Course.DELETED
    assert life.ended == {"op1": Outcome.CANCELLED, "op2": Outcome.SUCCEEDED}


def test_a_delete_before_there_was_a_cluster_drains_nothing() -> None:
    life = Life()
    life.command(Kind.CREATE)
    life.succeed(Stage.PREFLIGHT, Stage.STATE_BACKEND)
    life.command(Kind.DELETE)
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    assert life.in_flight() == [Stage.DESTROY]


def test_a_delete_before_there_was_a_deployment_only_releases() -> None:
    life = Life()
    life.command(Kind.CREATE)
    life.succeed(Stage.PREFLIGHT)
    life.command(Kind.DELETE)
    life.answer(Stage.STATE_BACKEND, Kind.SUCCEEDED)
    assert life.in_flight() == [Stage.RELEASE]


def test_a_second_delete_joins_the_first() -> None:
    life = deleting()
    assert life.command(Kind.DELETE).verdict is Verdict.JOINED
    assert life.in_flight() == [Stage.DRAIN]


def test_a_delete_that_failed_goes_on_at_the_stage() -> None:
    for command in (Kind.DELETE, Kind.RETRY):
        life = deleting()
        life.succeed(Stage.DRAIN)
        life.answer(Stage.DESTROY, Kind.FAILED)
        assert life.ended["op2"] is Outcome.FAILED
        life.command(command)
        assert life.in_flight() == [Stage.DESTROY]
        assert life.vector.entry(Stage.DESTROY).attempt == 2


def test_a_delete_after_a_cancelled_delete_waits_for_the_stop() -> None:
    life = halting()
    transition = life.command(Kind.DELETE)
    assert (transition.superseded, transition.asks) == ("op2", ())
    life.answer(Stage.DRAIN, Kind.STOPPED)
    assert life.in_flight() == [Stage.DRAIN]
    assert (life.vector.entry(Stage.DRAIN).operation, life.vector.entry(Stage.DRAIN).attempt) == ("op3", 2)


def test_what_a_superseded_delete_finished_is_not_done_twice() -> None:
    life = deleting()
    life.succeed(Stage.DRAIN, Stage.DESTROY)
    life.command(Kind.CANCEL)
    life.command(Kind.DELETE)
    life.succeed(Stage.RELEASE)
    assert life.vector.course is Course.DELETED


def test_the_cancel_of_an_operation_that_is_not_the_newest_is_refused() -> None:
    from services.environment_registry.lifecycle import Command

    life = active()
    assert life.take(Command(Kind.CANCEL, "another")).verdict is Verdict.REFUSED


def test_a_stage_that_stops_unasked_stops_the_rest() -> None:
    life = building()
    life.answer(Stage.BASELINE, Kind.STOPPED)
    assert life.vector.course is Course.CANCELLING
    assert life.vector.entry(Stage.DEPLOYMENT).stopping
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    assert life.vector.entry(Stage.DEPLOYMENT).state is StageState.STOPPED
    assert life.ended == {"op1": Outcome.CANCELLED}


def test_a_delete_during_the_preflight_has_nothing_to_take_down() -> None:
    life = Life()
    life.command(Kind.CREATE)
    life.command(Kind.DELETE)
    assert [stop.stage for stop in life.stops] == [Stage.PREFLIGHT]
    life.answer(Stage.PREFLIGHT, Kind.STOPPED)
    assert life.vector.course is Course.DELETED
    assert life.ended == {"op1": Outcome.CANCELLED, "op2": Outcome.SUCCEEDED}


def test_an_update_asks_anew_whoever_looks_at_the_document_one_after_the_other() -> None:
    life = active()
    del life.asks[:]
    life.command(Kind.UPDATE)
    assert asked(life) == [(Stage.PREFLIGHT, 2)]
    life.succeed(Stage.PREFLIGHT)
    assert asked(life)[1:] == [(Stage.DEPLOYMENT, 2)]
    life.answer(Stage.DEPLOYMENT, Kind.CLUSTER_AVAILABLE)
    life.answer(Stage.DEPLOYMENT, Kind.BACKENDS_AVAILABLE)
    assert life.in_flight() == [Stage.DEPLOYMENT], "no chart is moved while the nodes may be"
    life.succeed(Stage.DEPLOYMENT)
    life.succeed(Stage.BASELINE)
    life.succeed(Stage.BETA9)
    assert asked(life)[2:] == [(Stage.BASELINE, 2), (Stage.BETA9, 2)]
    assert life.vector.course is Course.ACTIVE and not life.vector.updating
    assert life.ended["op2"] is Outcome.SUCCEEDED


def test_a_failed_update_is_gone_on_with_by_a_retry_and_replaced_by_another_update() -> None:
    life = active()
    life.command(Kind.UPDATE)
    life.succeed(Stage.PREFLIGHT)
    life.answer(Stage.DEPLOYMENT, Kind.FAILED)
    assert life.vector.course is Course.FAILED
    life.command(Kind.RETRY)
    assert life.in_flight() == [Stage.DEPLOYMENT] and life.vector.updating
    life.answer(Stage.DEPLOYMENT, Kind.FAILED)
    life.command(Kind.UPDATE)
    assert life.in_flight() == [Stage.PREFLIGHT]
    life.succeed(Stage.PREFLIGHT, Stage.DEPLOYMENT, Stage.BASELINE, Stage.BETA9)
    assert life.vector.course is Course.ACTIVE


def test_an_update_of_what_was_never_whole_is_a_create_with_another_document() -> None:
    life = failed()
    life.command(Kind.UPDATE)
    assert not life.vector.updating
    life.succeed(Stage.PREFLIGHT)
    life.answer(Stage.DEPLOYMENT, Kind.CLUSTER_AVAILABLE)
    assert life.in_flight() == [Stage.DEPLOYMENT, Stage.BASELINE]


def test_what_is_to_be_gone_is_not_updated() -> None:
    life = deleting()
    life.answer(Stage.DRAIN, Kind.FAILED)
    assert life.vector.course is Course.FAILED
    assert life.command(Kind.UPDATE).verdict is Verdict.REFUSED


def test_a_delete_supersedes_an_update() -> None:
    life = active()
    life.command(Kind.UPDATE)
    life.succeed(Stage.PREFLIGHT)
    life.command(Kind.DELETE)
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    assert life.in_flight() == [Stage.DRAIN]
    life.succeed(Stage.DRAIN, Stage.DESTROY, Stage.RELEASE)
    assert life.ended == {"op1": Outcome.SUCCEEDED, "op2": Outcome.CANCELLED, "op3": Outcome.SUCCEEDED}
