"""What is tried again by itself, how long it is waited for, and when that ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.failures import Actor, Failure, Kind
from libs.stages.retries import DEFAULT_PACE, PACES, RetryPolicy, mends_itself


def failure(reason: str = "AWS_UNAVAILABLE", **changes: object) -> Failure:
    facts: dict[str, object] = {"kind": Kind.UNAVAILABLE, "retryable": True, "actor": Actor.NOBODY}
    return Failure(reason, "It did not work.", **{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (failure(), True),
        (failure(actor=Actor.CLOUD_PROVIDER), True),
        (failure("PLATFORM_CREDENTIALS_INVALID", actor=Actor.PLATFORM, kind=Kind.UNAUTHENTICATED), True),
        (failure(retryable=False), False),
        (failure(actor=Actor.CUSTOMER), False),
        (failure(kind=Kind.PERMISSION_DENIED, actor=Actor.PLATFORM), False),
        (failure(kind=Kind.CANCELLED), False),
    ],
)
def test_only_what_nobody_must_mend_is_tried_again(told: Failure, expected: bool) -> None:
    assert mends_itself(told) is expected
    assert (RetryPolicy(tries=2).pause(told, failed=1, elapsed=0) is not None) is expected


@given(
    reason=st.sampled_from([*sorted(PACES), "ANOTHER"]),
    tries=st.integers(1, 10),
    seconds=st.floats(0, 5000),
    failed=st.integers(1, 200),
    elapsed=st.floats(0, 6000),
)
def test_no_pause_leaves_the_budget(reason: str, tries: int, seconds: float, failed: int, elapsed: float) -> None:
    pause = RetryPolicy(tries, seconds).pause(failure(reason), failed=failed, elapsed=elapsed)
    if pause is None:
        assert failed >= tries or elapsed + PACES.get(reason, DEFAULT_PACE).most > seconds
        return
    assert failed < tries
    assert 0 <= pause <= PACES.get(reason, DEFAULT_PACE).most
    assert elapsed + pause <= seconds


def test_pauses_are_drawn_from_a_range_that_doubles() -> None:
    policy = RetryPolicy(tries=100, seconds=1e9)
    longest = []
    for failed in (1, 2, 3, 4):
        drawn = [policy.pause(failure("AWS_THROTTLED"), failed=failed, elapsed=0) or 0.0 for _ in range(300)]
        assert min(drawn) < max(drawn) / 4, "full jitter begins at nothing"
        longest.append(max(drawn))
    for mine, bound in zip(longest, (5, 10, 20, 40), strict=True):
        assert bound * 0.8 < mine <= bound


def test_whoever_says_when_is_not_asked_before() -> None:
    told = failure(retry_after_seconds=7.0)
    for _ in range(50):
        pause = RetryPolicy(tries=2).pause(told, failed=1, elapsed=0)
        assert pause is not None and 7.0 <= pause <= 10.5
