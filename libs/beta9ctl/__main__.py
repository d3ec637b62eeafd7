"""Starts beta9ctl."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

from libs.beta9ctl import parser
from libs.beta9ctl.problem import ExitCode, Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command that `arguments` (else the process's) name; answers the exit code."""
    options = parser.build().parse_args(arguments)
    options.on_interrupt = ""
    try:
        return _run(options)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        print(f"\n{options.on_interrupt or 'Interrupted.'}", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted; the interpreter's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK


def command_of(options: Namespace) -> Callable[[Namespace], Any]:
    """Answers what runs the parsed command; it answers the exit code, or a coroutine of it."""
    module, _, function = options.run.partition(":")
    command: Callable[[Namespace], Any] = getattr(importlib.import_module(f"{parser.COMMANDS}.{module}"), function)
    return command


def _run(options: Namespace) -> int:
    outcome = command_of(options)(options)
    code = asyncio.run(outcome) if inspect.iscoroutine(outcome) else outcome
    sys.stdout.flush()
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
