"""How often this process calls AWS in one account. Standard library alone; every call here may block.

AWS counts an account's calls whoever makes them. What is spent here comes on top of Terraform's own calls, which are
bounded by its parallelism and by the runs that an account may have at once.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

_BURST_SECONDS = 2.0


class CallBudget:
    """A bucket of calls: `rate` flow in each second, and two seconds' worth are kept for a burst."""

    def __init__(
        self,
        rate: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        # When the bucket would be empty, were nothing spent any more.
        self._empty_at = clock()

    def spend(self) -> None:
        """Returns once one call may be made. Calls of several threads come one after the other."""
        with self._lock:
            now = self._clock()
            self._empty_at = max(self._empty_at, now - _BURST_SECONDS) + 1 / self._rate
            wait = self._empty_at - now
        if wait > 0:
            self._sleep(wait)


_budgets: dict[str, CallBudget] = {}
_making = threading.Lock()


def budget_of(account_id: str) -> CallBudget:
    """The account's budget in this process: PROVISIONING_AWS_CALLS_PER_SECOND, default 20."""
    with _making:
        if account_id not in _budgets:
            _budgets[account_id] = CallBudget(float(os.environ.get("PROVISIONING_AWS_CALLS_PER_SECOND") or 20))
        return _budgets[account_id]
