"""Runs another program with a log, a sign of life, and no orphan when the user interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from libs.interrupts import held_interrupts
from scripts.setup.progress import SetupError, Step

_PATIENCE = 3.0
"""Seconds for a program to end when it is told to."""


def run(
    argv: Sequence[str | Path], step: Step, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> str:
    """Run to the end and return what was printed.

    Fails with the last lines of the output. The program gets a process group of its own, which is ended as a
    whole when this one is interrupted.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        child: subprocess.Popen[bytes] | None = None
        try:
            with held_interrupts():
                child = subprocess.Popen(
                    [str(part) for part in argv],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=None if env is None else dict(env),
                    cwd=cwd,
                    start_new_session=True,
                )
            while True:
                try:
                    code = child.wait(timeout=1.0)
                    break
                except subprocess.TimeoutExpired:
                    step.still()
        except BaseException:
            if child is not None:
                with held_interrupts():  # an impatient second Ctrl-C: what it takes is bounded
                    _end_group(child)
            raise
        log.seek(0)
        output = log.read()
    if code != 0:
        tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])
        raise SetupError(f"{step.title}: '{Path(argv[0]).name}' failed with exit code {code}:\n{tail}")
    return output


def capture(argv: Sequence[str | Path], timeout: float = 10.0) -> str:
    """What a quick question to a program prints, or '' when it cannot be asked."""
    try:
        done = subprocess.run(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _end_group(child: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sign)
        except ProcessLookupError:
            return
        try:
            child.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            continue
