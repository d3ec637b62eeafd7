"""Starts a platform that stays when the command returns, and ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from libs.embedded import account
from libs.embedded.failures import PlatformError
from libs.embedded.layout import ROOT, Layout
from libs.interrupts import held_interrupts

_UP_SECONDS = 180.0
_DOWN_SECONDS = 90.0
_LAST_WORD = "embedded: "


def up(layout: Layout, options: Sequence[str]) -> None:
    """Start `run` detached, print what it says, and return when it is ready.

    Raises PlatformError with its last words when it ends before that; interrupted, it takes the started one down again.
    """
    if account.running(layout):
        raise PlatformError(
            f"a platform is already running in {layout.state}: use that one (make status), or end it with make down"
        )
    layout.make()
    log = layout.log / "launcher.log"
    launcher: subprocess.Popen[bytes] | None = None
    try:
        with log.open("wb") as output, held_interrupts():
            launcher = subprocess.Popen(
                [sys.executable, "-m", "libs.embedded", "--state-dir", str(layout.state), "run", *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                start_new_session=True,
            )
        _follow(launcher, layout, log)
    except BaseException:
        if launcher is not None:
            with held_interrupts():  # an impatient second Ctrl-C: what it takes is bounded
                launcher.terminate()
                launcher.wait(_DOWN_SECONDS)
        raise


def down(layout: Layout) -> str:
    """End the platform and return a sentence on what became of it. Idempotent."""
    found = account.read(layout)
    if found is None:
        return "Nothing is running."
    pid = found.get("pid")
    if pid is None:
        raise PlatformError("the platform has only just begun to start: try again in a moment")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_SECONDS
    while account.running(layout):
        if time.monotonic() > deadline:
            raise PlatformError(
                f"the platform did not end in {_DOWN_SECONDS:.0f} s: see {layout.log}, or kill -9 {pid}"
            )
        time.sleep(0.1)
    if found.get("sandbox"):
        return (
            "The platform has ended, and the sandbox's cloud with it: it lived in memory, so its environments are "
            "gone too. The next make up starts with an empty one."
        )
    return "The platform has ended; its state is kept, and what it made in AWS is still there."


def _follow(launcher: subprocess.Popen[bytes], layout: Layout, log: Path) -> None:
    deadline = time.monotonic() + _UP_SECONDS
    said = ""
    with log.open() as lines:
        while True:
            code = launcher.poll()
            said += lines.read()
            # Its last word is told as ours, and only once.
            said, _, last = said.partition(_LAST_WORD)
            if code is not None:
                print(said, end="", flush=True)
                raise PlatformError(last.strip() or f"the launcher ended with exit code {code}: see {log}")
            print(said, end="", flush=True)
            said = f"{_LAST_WORD}{last}" if last else ""
            found = account.read(layout)
            if found is not None and found.get("pid") == launcher.pid and found["state"] == "ready":
                print(lines.read(), end="", flush=True)
                return
            if time.monotonic() > deadline:
                raise PlatformError(
                    f"the platform is not ready after {_UP_SECONDS:.0f} s: see the logs in {layout.log}"
                )
            time.sleep(0.1)
