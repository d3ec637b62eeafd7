"""`env trace`"""

from __future__ import annotations

import json
import os
import shutil
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from libs.beta9ctl import names, spans, waterfall
from libs.beta9ctl.commands import operation as operations
from libs.beta9ctl.commands.read import fetch
from libs.beta9ctl.operation_view import OperationView, view
from libs.beta9ctl.problem import ExitCode, Problem
from libs.beta9ctl.rpc import Platform

_WIDTH_WITHOUT_TERMINAL = 100
_EPOCH = datetime.fromtimestamp(0, UTC)


async def run(options: Namespace) -> int:
    """Joins the spans of the operations that were asked for and draws a waterfall each."""
    seen = [view(operation) for operation in await _operations(options)]
    directory = Path(options.spans_dir)
    joined = spans.read(directory, {operation.trace_id for operation in seen if operation.trace_id})
    if not any(joined.values()):
        raise _nothing(directory, seen)
    if options.output == "json":
        print(json.dumps([span.data for trace in joined.values() for span in trace], indent=2))
        return ExitCode.OK
    width = options.width or shutil.get_terminal_size((_WIDTH_WITHOUT_TERMINAL, 24)).columns
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print("\n\n".join(_picture(o, joined.get(o.trace_id, []), width, options.full, colour) for o in seen))
    return ExitCode.OK


async def _operations(options: Namespace) -> list[Any]:
    async with Platform(options) as platform:
        if options.operation:
            return [await operations.fetch(platform, options.workspace, options.operation)]
        if options.all:
            target = names.environment(options.workspace, options.name)
            found = await operations.fetch_all(platform, names.parent(target), target)
            if not found:
                raise Problem(f"There are no operations on {options.name}.", ExitCode.NOT_FOUND)
            return sorted(found, key=lambda operation: view(operation).created or _EPOCH)
        environment = await fetch(platform, options)
        return [await operations.fetch(platform, options.workspace, environment.operation)]


def _picture(operation: OperationView, trace: list[spans.Span], width: int, full: bool, colour: bool) -> str:
    head = f"{operation.verb} of {names.last(operation.target)}, operation {names.last(operation.name)}"
    if not trace:
        return f"{head}: no spans of trace {operation.trace_id or '(none)'} here"
    took = waterfall.duration(max(s.end for s in trace) - min(s.start for s in trace))
    processes = len({span.service for span in trace})
    linked = sorted({t for span in trace for t in span.linked_traces} - {operation.trace_id})
    lines = [head, f"trace {operation.trace_id}: {took}, {len(trace)} spans of {processes} services"]
    lines += [f"linked to {trace_id}" for trace_id in linked]
    return "\n".join([*lines, "", *waterfall.draw(trace, width, full, colour)])


def _nothing(directory: Path, seen: list[OperationView]) -> Problem:
    traces = ", ".join(operation.trace_id for operation in seen if operation.trace_id) or "no trace id"
    return Problem(
        f"There are no spans of it ({traces}) in {directory}.",
        ExitCode.NOT_FOUND,
        reason="SPANS_NOT_FOUND",
        remedy="Name their folder with --spans-dir; where an OTLP endpoint is set, look the trace up there.",
    )
