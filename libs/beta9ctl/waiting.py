"""What every command that starts or follows an operation does with it."""

from __future__ import annotations

import asyncio
import uuid
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from provisioning.environment.v1.environment_pb2 import EnvironmentState

from libs.beta9ctl import environment_view, following, progress
from libs.beta9ctl.changes_view import resources_table
from libs.beta9ctl.names import last
from libs.beta9ctl.operation_view import OperationView, result, view
from libs.beta9ctl.output import as_data, emit, say
from libs.beta9ctl.problem import ExitCode, Problem
from libs.beta9ctl.rpc import Platform
from libs.beta9ctl.status import problem_of_operation


def request_id(given: str | None) -> str:
    """Answers the request id that was given, or a new one. Raises Problem when it is not a UUID."""
    if given is None:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        remedy = "Leave --request-id out for a new one."
        raise Problem(f'"{given}" is not a UUID.', ExitCode.USAGE, remedy=remedy) from error


async def settle(platform: Platform, operation: Any, options: Namespace, wait: bool) -> int:
    """Prints the operation that a command started, or follows it to its end and prints what came of it."""
    if wait:
        return await finish(platform, operation, options)
    seen = view(operation)
    emit(options.output, as_data(operation), _accepted(seen))
    if not seen.done:
        say(f"Follow it with: {_how_to_follow(operation, options)}")
    return ExitCode.OK


async def finish(platform: Platform, operation: Any, options: Namespace) -> int:
    """Follows `operation` to its end with progress on standard error, then prints the environment.

    Raises Problem when it failed, was cancelled, or `options.timeout` ran out.
    """
    target = view(operation).target
    how = _how_to_follow(operation, options)
    options.on_interrupt = (
        f"Detached; the operation goes on.\n"
        f"  follow it: {how}\n"
        f"  cancel it: {_command(options)} env cancel {last(target)}"
    )
    with progress.choose() as shown:
        try:
            async with asyncio.timeout(options.timeout):
                show = _teller(shown)
                operation = await following.follow(platform, operation, target, show, shown.notice)
        except TimeoutError as error:
            raise following.timed_out(options.timeout, f"Follow it with: {how}") from error
    options.on_interrupt = ""
    if operation.HasField("error"):
        raise problem_of_operation(operation.error)
    environment = result(operation)
    emit(options.output, as_data(environment), _outcome(environment, view(operation)))
    return ExitCode.OK


def _teller(shown: progress.Progress) -> Callable[[Any], None]:
    """Answers what shows each newer state, and the plan's changes once there is a plan."""
    told: list[str] = []

    def show(newer: Any) -> None:
        seen = view(newer)
        planned = resources_table(seen.changed_resources)
        if planned and told != [planned]:
            told[:] = [planned]
            shown.notice(planned)
        shown.show(seen)

    return show


def _accepted(operation: OperationView) -> str:
    return f"{operation.verb} of {last(operation.target)} accepted: operation {last(operation.name)}"


def _outcome(environment: Any, operation: OperationView) -> str:
    took = progress.clock(progress.elapsed(operation.created, operation.ended))
    head = f"{last(environment.name)} is {environment_view.state(environment)} after {took}"
    if environment.state == EnvironmentState.ENVIRONMENT_STATE_DELETED:
        kept = environment_view.kept(environment)
        return f"{head}\n\nkept by policy\n{_indented(kept)}" if kept else head
    outputs = environment_view.outputs(environment.outputs)
    return f"{head}\n\n{_indented(outputs)}" if outputs else head


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _how_to_follow(operation: Any, options: Namespace) -> str:
    return f"{_command(options)} op wait {last(operation.name)}"


def _command(options: Namespace) -> str:
    return "beta9ctl" if options.workspace == "default" else f"beta9ctl -w {options.workspace}"
