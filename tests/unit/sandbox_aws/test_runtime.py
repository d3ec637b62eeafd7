"""Waits and the one lock."""

import threading

import pytest

from libs.sandbox.aws.eks.absent import AbsentControlPlanes
from libs.sandbox.aws.runtime import REAL_SECONDS, Runtime


def runtime(waits_factor: float | None = None) -> Runtime:
    return Runtime(control_planes=AbsentControlPlanes(), waits_factor=waits_factor)


def test_waits_are_real_ones_divided() -> None:
    assert runtime().wait_seconds("eks:cluster") == 0
    assert runtime(10).wait_seconds("eks:cluster") == REAL_SECONDS["eks:cluster"] / 10


def test_slow_work_of_a_request_lets_others_in() -> None:
    running, entered = runtime(), threading.Event()

    def other() -> None:
        with running.lock:
            entered.set()

    def slow() -> None:
        threading.Thread(target=other).start()
        assert entered.wait(5)

    with running.lock:
        running.run("slow", slow, 0)
        assert running.lock.acquire(blocking=False)
        running.lock.release()
    assert entered.is_set()


def test_the_lock_is_back_when_the_work_fails() -> None:
    running = runtime()

    def broken() -> None:
        raise ValueError("no")

    with running.lock, pytest.raises(ValueError, match="no"):
        running.run("broken", broken, 0)
    taken: list[bool] = []
    thread = threading.Thread(target=lambda: taken.append(running.lock.acquire(blocking=False)))
    thread.start()
    thread.join()
    assert taken == [True]


def test_a_change_without_a_wait_is_made_at_once() -> None:
    done: list[str] = []
    runtime().later("rds:instance", "change", lambda: done.append("change"))
    assert done == ["change"]


def test_a_change_with_a_wait_comes_later() -> None:
    running, done = runtime(REAL_SECONDS["rds:instance"] / 0.05), threading.Event()
    with running.lock:
        running.later("rds:instance", "change", done.set)
        assert not done.is_set()
    assert done.wait(5)


def test_an_ending_sandbox_drops_what_waits() -> None:
    running, done = runtime(1), threading.Event()
    running.later("rds:instance", "change", done.set)
    running.stopping.set()
    (waiting,) = (thread for thread in threading.enumerate() if thread.name == "change")
    waiting.join(5)
    assert not waiting.is_alive()
    assert not done.is_set()
