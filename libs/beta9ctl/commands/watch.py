"""`env watch`"""

from __future__ import annotations

from argparse import Namespace
from contextlib import aclosing
from datetime import datetime
from typing import Any

from libs.beta9ctl import environment_view, names
from libs.beta9ctl.commands.read import fetch
from libs.beta9ctl.following import changes
from libs.beta9ctl.operation_view import view
from libs.beta9ctl.output import as_data, emit_line, say
from libs.beta9ctl.rpc import Platform


async def run(options: Namespace) -> int:
    """Prints a line a change until it is interrupted; asks for a named environment first, so that a typo ends it."""
    options.on_interrupt = "Stopped watching; nothing else was stopped."
    async with Platform(options) as platform:
        environment_id = names.last((await fetch(platform, options)).name) if options.name else ""
        stream = changes(platform, names.workspace(options.workspace), environment_id, notice=say)
        async with aclosing(stream):
            async for change in stream:
                emit_line(options.output, as_data(change), _line(change))
    raise AssertionError("unreachable: the watch ends by a Problem or an interrupt alone")


def _line(change: Any) -> str:
    operation = view(change.operation)
    doing = "/".join(part for part in (operation.stage, operation.step) if part)
    parts = [
        datetime.now().strftime("%H:%M:%S"),
        names.last(change.environment.name),
        f"{environment_view.state(change.environment):<13}",
        "" if operation.done else doing,
        "" if operation.done else operation.resources,
        operation.message,
    ]
    return "  ".join(part for part in parts if part).rstrip()
