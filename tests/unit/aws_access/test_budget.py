"""The budget of calls of an account."""

import threading

from libs.aws_access import budget as budgets
from libs.aws_access.budget import CallBudget, budget_of


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_a_burst_is_free_and_then_the_rate_holds() -> None:
    time = Time()
    budget = CallBudget(10, clock=lambda: time.now, sleep=time.sleep)
    for later in (0, 60):  # however long nothing was called, no more than the burst is kept
        time.now += later
        time.slept.clear()
        for _ in range(50):
            budget.spend()
        assert time.slept == []
        began = time.now
        for _ in range(50):
            budget.spend()
        assert abs((time.now - began) - 5.0) < 0.01


def test_threads_share_it() -> None:
    time = Time()
    waits: list[float] = []
    budget = CallBudget(5, clock=lambda: time.now, sleep=waits.append)
    threads = [threading.Thread(target=budget.spend) for _ in range(45)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Nobody slept for real, so behind the burst each was told its own place: a fifth of a second behind the one before.
    assert [round(wait, 6) for wait in sorted(waits) if wait > 1e-6] == [round(place / 5, 6) for place in range(1, 21)]


def test_every_account_has_its_own() -> None:
    assert budget_of("111111111111") is budget_of("111111111111")
    assert budget_of("111111111111") is not budget_of("222222222222")


def test_the_process_says_at_its_start_what_a_budget_is() -> None:
    # Accounts that no other test of this process calls AWS in: what has a budget keeps it.
    budgets.allow(3)
    try:
        assert budget_of("000000000003").rate == 3
    finally:
        budgets.allow(budgets.DEFAULT_RATE)
    assert budget_of("000000000004").rate == budgets.DEFAULT_RATE
