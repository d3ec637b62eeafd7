"""The order of the steps, and how setup ends."""

from __future__ import annotations

import argparse
import fcntl
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from scripts.setup import checks, paths, pins, python_env, tools
from scripts.setup.progress import SetupError, step


def main(arguments: Sequence[str]) -> int:
    """Run setup; 0 when all is in place, 1 with a sentence when not, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python3 -m scripts.setup", description=__doc__)
    parser.add_argument("--python", action="store_true", help="only the virtual environment")
    parser.add_argument("--tools", nargs="*", metavar="NAME", help="only these tools of scripts/tools.toml, or all")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        with _alone():
            if options.tools is None:
                _python()
            if not options.python:
                _tools(options.tools)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; run it again and it goes on where it stopped", file=sys.stderr)
        return 130
    print(f"setup  all in place ({time.monotonic() - started:.1f} s)", file=sys.stderr)
    return 0


def _python() -> None:
    with step("uv") as current:
        python_env.install_uv(current)
    with step(".venv") as current:
        python_env.install_packages(current)
    with step("project") as current:
        python_env.install_project(current)


def _tools(names: list[str] | None) -> None:
    pinned = pins.load()
    unknown = set(names or ()) - {tool.name for tool in pinned}
    if unknown:
        known = ", ".join(tool.name for tool in pinned)
        raise SetupError(f"no tool is called {', '.join(sorted(unknown))}; scripts/tools.toml has: {known}")
    wanted = [tool for tool in pinned if (tool.name in names if names else not tool.tests_only)]
    checks.memory()
    checks.disk(wanted)
    if names is None:
        checks.terraform()
        checks.node()
    for tool in wanted:
        with step(tool.name) as current:
            tools.install(tool, current)


@contextmanager
def _alone() -> Iterator[None]:
    """Two setups of one clone at a time would undo each other's files: the second waits."""
    paths.TOOLS.mkdir(parents=True, exist_ok=True)
    with (paths.TOOLS / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("setup  another setup of this clone is running; waiting for it ...", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        paths.sweep()
        yield
