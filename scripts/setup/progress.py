"""Says what is being done, for how long already, and how it ended."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class SetupError(Exception):
    """A step that cannot be done. Its text is one sentence for the user, with the remedy."""


class Step:
    """One step under way: `say` tells how it is done, `still` that it goes on."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.how = ""
        self._started = time.monotonic()
        self._told = self._started

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._started

    def say(self, how: str) -> None:
        """Print what the step does now."""
        self.how = how
        _print(f"{self.title}: {how} ...")

    def note(self, what: str) -> None:
        """Print something to know about the step."""
        _print(f"{self.title}: {what}")

    def still(self, every: float = 20.0) -> None:
        """Print a sign of life, at most once in `every` seconds."""
        if time.monotonic() - self._told >= every:
            self._told = time.monotonic()
            _print(f"{self.title}: still {self.how} ({self.elapsed:.0f} s)")


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Run the body as a step: quiet if it says nothing, else closed with the time that it took."""
    current = Step(title)
    yield current
    if current.how:
        _print(f"{title}: done in {current.elapsed:.1f} s")


def _print(line: str) -> None:
    print(f"setup  {line}", file=sys.stderr, flush=True)
