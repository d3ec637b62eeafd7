"""When a step that failed is tried again by itself, after what pause, and when no more. Standard library only."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind


@dataclass(frozen=True, slots=True)
class Pace:
    """Pauses between tries, in seconds: up to `first`, then twice as long each time, up to `most`."""

    first: float
    most: float

    def longest(self, failed: int) -> float:
        """The longest pause after the `failed`-th failure, from 1."""
        return min(self.most, self.first * 2.0 ** min(failed - 1, 30))


DEFAULT_PACE = Pace(2, 60)
PACES: Mapping[str, Pace] = {
    # Whoever calls again at once is throttled again, and everybody else in the account with him.
    "AWS_THROTTLED": Pace(5, 120),
    # Capacity comes back in minutes.
    "AWS_CAPACITY": Pace(30, 300),
    "PLATFORM_CREDENTIALS_INVALID": Pace(5, 60),
    "AWS_TIMEOUT": Pace(5, 60),
    "AWS_NOT_YET_CONSISTENT": Pace(3, 30),
}
"""The paces of reasons that have one of their own."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The budget of a step: it is run `tries` times at most, and no try begins later than `seconds` after its first.

    Both are counted over all workers that an attempt has had; a new attempt (RetryEnvironment) has a new budget.
    """

    tries: int = 3
    seconds: float = 600

    def pause(self, failure: Failure, *, failed: int, elapsed: float) -> float | None:
        """Seconds until the next try after the `failed`-th failure (from 1), `elapsed` seconds after the step began.

        None when there is none: the budget is used up, or the failure is no matter of trying again. The pause is drawn
        from the whole range (full jitter), so that those who failed together do not come back together.
        """
        if failed >= self.tries or not mends_itself(failure):
            return None
        if failure.retry_after_seconds is not None:
            pause = failure.retry_after_seconds * random.uniform(1, 1.5)
        else:
            pause = random.uniform(0, PACES.get(failure.reason, DEFAULT_PACE).longest(failed))
        return pause if elapsed + pause <= self.seconds else None


ONCE = RetryPolicy(tries=1)


def mends_itself(failure: Failure) -> bool:
    """Whether trying again can help without anybody doing anything: never after a refused permission, and not where the
    customer must act."""
    return (
        failure.retryable
        and failure.actor is not Actor.CUSTOMER
        and failure.kind not in (Kind.PERMISSION_DENIED, Kind.CANCELLED)
    )
