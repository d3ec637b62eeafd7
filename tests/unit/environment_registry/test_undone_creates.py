"""Creates that are destroyed if they fail."""

from __future__ import annotations

from services.environment_registry.lifecycle import Course, Kind, Outcome, Stage, Vector, Verdict
from services.environment_registry.repository.vectors import vector_from_json, vector_to_json
from tests.unit.environment_registry.lifecycle_driving import Life


def deploying(*, undo_if_failed: bool = True) -> Life:
    life = Life()
    life.command(Kind.CREATE, undo_if_failed=undo_if_failed)
    life.succeed(Stage.PREFLIGHT, Stage.STATE_BACKEND)
    return life


def undoing() -> Life:
    """The cluster stood, the deployment failed, and what was built is being drained."""
    life = deploying()
    life.answer(Stage.DEPLOYMENT, Kind.CLUSTER_AVAILABLE)
    life.answer(Stage.DEPLOYMENT, Kind.FAILED)
    life.answer(Stage.BASELINE, Kind.STOPPED)
    assert life.in_flight() == [Stage.DRAIN]
    return life


def test_a_failed_create_is_kept_unless_it_is_said_otherwise() -> None:
    life = deploying(undo_if_failed=False)
    life.answer(Stage.DEPLOYMENT, Kind.FAILED)
    assert life.vector.course is Course.FAILED and not life.in_flight()


def test_a_failed_create_is_destroyed_by_the_same_operation_which_then_fails() -> None:
    life = undoing()
    assert (life.vector.course, life.ended) == (Course.DELETING, {})
    assert {ask.operation for ask in life.asks} == {"op1"}
    life.succeed(Stage.DRAIN, Stage.DESTROY)
    transition = life.succeed(Stage.RELEASE)
    assert (life.vector.course, transition.ended) == (Course.DELETED, Outcome.FAILED)
    assert life.vector.first_failed is Stage.DEPLOYMENT


def test_the_other_stages_stop_before_anything_is_destroyed() -> None:
    life = deploying()
    life.answer(Stage.DEPLOYMENT, Kind.CLUSTER_AVAILABLE)
    life.answer(Stage.BASELINE, Kind.FAILED)
    assert (life.vector.course, life.in_flight()) == (Course.FAILING, [Stage.DEPLOYMENT])
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    assert life.in_flight() == [Stage.DRAIN]


def test_what_never_began_is_gone_at_once() -> None:
    life = Life()
    life.command(Kind.CREATE, undo_if_failed=True)
    transition = life.answer(Stage.PREFLIGHT, Kind.FAILED)
    assert (life.vector.course, transition.ended, transition.asks) == (Course.DELETED, Outcome.FAILED, ())


def test_a_destroy_that_fails_leaves_a_failed_environment_whose_retry_goes_on_destroying() -> None:
    life = undoing()
    life.succeed(Stage.DRAIN)
    life.answer(Stage.DESTROY, Kind.FAILED)
    assert life.ended == {"op1": Outcome.FAILED}
    assert life.vector.first_failed is Stage.DEPLOYMENT, "the operation tells the first failure"
    life.command(Kind.RETRY)
    assert life.in_flight() == [Stage.DESTROY]
    life.succeed(Stage.DESTROY, Stage.RELEASE)
    assert (life.vector.course, life.ended["op2"]) == (Course.DELETED, Outcome.SUCCEEDED)


def test_a_delete_takes_over_what_is_being_destroyed_without_stopping_it() -> None:
    life = undoing()
    transition = life.command(Kind.DELETE)
    assert (transition.verdict, transition.superseded, transition.stops) == (Verdict.TAKEN, "op1", ())
    assert life.in_flight() == [Stage.DRAIN]
    life.succeed(Stage.DRAIN, Stage.DESTROY, Stage.RELEASE)
    assert life.ended == {"op1": Outcome.CANCELLED, "op2": Outcome.SUCCEEDED}


def test_a_cancel_halts_the_destroying_and_a_retry_goes_on_with_it() -> None:
    life = undoing()
    life.command(Kind.CANCEL)
    life.answer(Stage.DRAIN, Kind.STOPPED)
    assert (life.vector.course, life.ended) == (Course.CANCELLED, {"op1": Outcome.CANCELLED})
    life.command(Kind.RETRY)
    assert life.in_flight() == [Stage.DRAIN]


def test_a_cancel_that_comes_too_late_ends_as_the_failure() -> None:
    life = undoing()
    life.succeed(Stage.DRAIN, Stage.DESTROY)
    life.command(Kind.CANCEL)
    life.succeed(Stage.RELEASE)
    assert (life.vector.course, life.ended) == (Course.DELETED, {"op1": Outcome.FAILED})


def test_a_cancelled_create_is_kept_and_its_retry_is_still_to_be_undone() -> None:
    life = deploying()
    life.command(Kind.CANCEL)
    life.answer(Stage.DEPLOYMENT, Kind.STOPPED)
    assert life.vector.course is Course.CANCELLED
    life.command(Kind.RETRY)
    life.answer(Stage.DEPLOYMENT, Kind.FAILED)
    assert life.in_flight() == [Stage.DESTROY]


def test_what_was_active_once_is_never_undone() -> None:
    life = deploying()
    life.succeed(Stage.DEPLOYMENT, Stage.BASELINE, Stage.BETA9)
    life.command(Kind.UPDATE)
    life.answer(Stage.PREFLIGHT, Kind.FAILED)
    assert (life.vector.course, life.in_flight()) == (Course.FAILED, [])


def test_it_is_remembered_and_rows_of_before_know_nothing_of_it() -> None:
    vector = undoing().vector
    assert vector_from_json(vector_to_json(vector)) == vector
    old = vector_to_json(vector)
    del old["undo_if_failed"], old["undoing"]
    for entry in old["entries"].values():
        del entry["retries"], entry["queue_position"], entry["waiting_for"]
    known: Vector = vector_from_json(old)
    assert not known.undo_if_failed and not known.undoing
