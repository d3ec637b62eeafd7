"""Shows an operation's progress on standard error: a live picture on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import Protocol, TextIO

from libs.beta9ctl.names import last
from libs.beta9ctl.operation_view import OperationView, StageView

LINE_SECONDS = 10.0


class Progress(Protocol):
    """Is given each newer state of one operation. A context manager: leaving it leaves the terminal as it was."""

    def __enter__(self) -> Progress:
        """Starts showing."""

    def __exit__(self, *error: object) -> None:
        """Ends showing."""

    def show(self, operation: OperationView) -> None:
        """Shows the newer state."""

    def notice(self, sentence: str) -> None:
        """Shows a sentence about the connection."""


def choose(stream: TextIO | None = None) -> Progress:
    """Answers the live progress when `stream` (standard error) is a terminal, else the plain one."""
    stream = stream or sys.stderr
    if not stream.isatty():
        return PlainProgress(stream)
    from libs.beta9ctl.progress_live import LiveProgress

    return LiveProgress(stream)


def clock(seconds: float) -> str:
    """`0:07`, `12:40`, `1:02:03`."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def elapsed(started: datetime | None, ended: datetime | None = None) -> float:
    """Seconds from `started` to `ended`, or to now; 0 when it has not started."""
    return ((ended or datetime.now(UTC)) - started).total_seconds() if started else 0.0


class PlainProgress:
    """A line for each stage's change of state or step, and for resources at most every ten seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown: dict[str, tuple[object, ...]] = {}
        self._resources = ""
        self._resources_at = float("-inf")

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.flush()

    def notice(self, sentence: str) -> None:
        """Prints the sentence on a line of its own."""
        print(sentence, file=self._stream, flush=True)

    def show(self, operation: OperationView) -> None:
        """Prints what has changed since the state before."""
        for stage in operation.stages:
            state = (stage.state, stage.step, stage.attempt, waiting(stage))
            if stage.state != "unspecified" and self._shown.get(stage.stage) != state:
                self._shown[stage.stage] = state
                self._line(operation, stage_line(stage))
        if operation.resources and operation.resources != self._resources:
            now = time.monotonic()
            complete = operation.resources_done == operation.resources_planned
            if complete or now - self._resources_at >= LINE_SECONDS:
                self._resources, self._resources_at = operation.resources, now
                self._line(operation, f"resources {operation.resources}")

    def _line(self, operation: OperationView, text: str) -> None:
        at = clock(elapsed(operation.created, operation.ended))
        print(f"{at:>7}  {last(operation.target)}  {text}", file=self._stream, flush=True)


def stage_line(stage: StageView) -> str:
    """One stage in words, such as `deployment: running, apply (attempt 2)`."""
    step = f", {stage.step}" if stage.step and stage.state in ("running", "failed", "stopped") else ""
    attempt = f" (attempt {stage.attempt})" if stage.attempt > 1 else ""
    pause = f"; {waits}" if (waits := waiting(stage)) else ""
    return f"{stage.stage}: {stage.state}{step}{attempt}{pause}"


def waiting(stage: StageView) -> str:
    """What a stage waits for, such as `place 3: a free worker`; empty when it is at work."""
    if not stage.waiting_for or stage.ended:
        return ""
    return f"place {stage.queue_position}: {stage.waiting_for}" if stage.queue_position else stage.waiting_for
