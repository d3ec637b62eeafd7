"""How often this process calls AWS in one account. Standard library alone; every call here may block.

AWS counts an account's calls whoever makes them. What is spent here comes on top of Terraform's own calls, which are
bounded by its parallelism and by the runs that an account may have at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# As EC2 does with calls that only read: 20 flow in each second, and 100 are kept ("Request throttling" in its guide).
DEFAULT_RATE = 20.0
_BURST_SECONDS = 5.0


class CallBudget:
    """A bucket of calls, full at first: `rate` flow in each second, and five seconds' worth are kept for a burst."""

    def __init__(
        self,
        rate: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        # When the bucket would be empty, were nothing spent any more.
        self._empty_at = clock() - _BURST_SECONDS

    def spend(self) -> None:
        """Returns once one call may be made. Calls of several threads come one after the other."""
        with self._lock:
            now = self._clock()
            self._empty_at = max(self._empty_at, now - _BURST_SECONDS) + 1 / self.rate
            wait = self._empty_at - now
        if wait > 0:
            self._sleep(wait)


_budgets: dict[str, CallBudget] = {}
_rate = DEFAULT_RATE
_making = threading.Lock()


def allow(rate: float) -> None:
    """What an account's budget is from now on, in calls a second; those that were spent from already stay as they are.

    A process says it once, at its start.
    """
    global _rate
    _rate = rate


def budget_of(account_id: str) -> CallBudget:
    """The account's budget in this process."""
    with _making:
        if account_id not in _budgets:
            _budgets[account_id] = CallBudget(_rate)
        return _budgets[account_id]
