"""Progress: plain lines where it is piped, a picture on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from libs.beta9ctl import progress
from libs.beta9ctl.operation_view import OperationView, StageView
from libs.beta9ctl.progress_live import LiveProgress

START = datetime(2026, 1, 1, tzinfo=UTC)
STATE = StageView("state_backend", "succeeded", "ensure_bucket", 1, START, START + timedelta(seconds=4))
PLAN = StageView("deployment", "running", "plan", 1, START, None)
OPERATION = OperationView(
    name="workspaces/default/operations/7c1",
    target="workspaces/default/environments/dev",
    verb="create",
    done=False,
    stage="deployment",
    step="plan",
    resources_done=0,
    resources_planned=0,
    message="Terraform plans what to change.",
    trace_id="",
    stages=(STATE, PLAN),
    created=START,
    ended=START + timedelta(seconds=65),
)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_line_a_change_and_no_more() -> None:
    out = io.StringIO()
    apply = replace(PLAN, step="apply", attempt=2)

    with progress.choose(out) as shown:
        shown.show(OPERATION)
        shown.show(OPERATION)
        shown.show(replace(OPERATION, stages=(STATE, apply), resources_done=3, resources_planned=40))
        shown.notice("The registry is away.")

    assert out.getvalue().splitlines() == [
        "   1:05  dev  state_backend: succeeded",
        "   1:05  dev  deployment: running, plan",
        "   1:05  dev  deployment: running, apply (attempt 2)",
        "   1:05  dev  resources 3/40",
        "The registry is away.",
    ]


def test_resources_are_told_at_most_every_ten_seconds_but_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    out, now = io.StringIO(), [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    with progress.choose(out) as shown:
        for done, seconds in ((1, 0), (2, 1), (3, 9.9), (4, 10), (5, 10.1), (40, 11)):
            now[0] = 100.0 + seconds
            shown.show(replace(OPERATION, stages=(), resources_done=done, resources_planned=40))

    assert [line.split()[-1] for line in out.getvalue().splitlines()] == ["1/40", "4/40", "40/40"]


def test_a_terminal_shows_stages_step_resources_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    out = _Terminal()

    with progress.choose(out) as shown:
        assert isinstance(shown, LiveProgress)
        shown.show(
            replace(OPERATION, stages=(STATE, replace(PLAN, step="apply")), resources_done=7, resources_planned=40)
        )
        shown.notice("The registry is away.")

    text = out.getvalue()
    for word in (
        "create",
        "dev",
        "1:05",
        "✓",
        "state_backend",
        "0:04",
        "deployment",
        "apply",
        "7/40",
        "Terraform plans",
    ):
        assert word in text, word
    assert "The registry is away." in text
    assert text.endswith("\x1b[?25h"), "the cursor must be shown again"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (-3, "0:00"), (65.9, "1:05"), (3723, "1:02:03")])
def test_clock(seconds: float, text: str) -> None:
    assert progress.clock(seconds) == text
