"""`env delete`, `env retry` and `env cancel`"""

from __future__ import annotations

import sys
from argparse import Namespace

from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_service_pb2 as messages

from libs.beta9ctl import names
from libs.beta9ctl.commands.read import fetch
from libs.beta9ctl.operation_view import view
from libs.beta9ctl.output import as_data, emit, say
from libs.beta9ctl.problem import ExitCode, Problem
from libs.beta9ctl.rpc import Platform
from libs.beta9ctl.waiting import finish, request_id, settle


async def delete(options: Namespace) -> int:
    """Asks for the delete, after the person has confirmed it."""
    name = names.environment(options.workspace, options.name)
    if not options.yes:
        _confirm(names.last(name))
    request = messages.DeleteEnvironmentRequest(
        name=name, request_id=request_id(options.request_id), remove_state_bucket=options.remove_state_bucket
    )
    async with Platform(options) as platform:
        operation = await platform.registry.call(platform.environments.DeleteEnvironment, request)
        return await settle(platform, operation, options, options.wait)


async def retry(options: Namespace) -> int:
    """Asks to go on."""
    request = messages.RetryEnvironmentRequest(
        name=names.environment(options.workspace, options.name), request_id=request_id(options.request_id)
    )
    async with Platform(options) as platform:
        operation = await platform.registry.call(platform.environments.RetryEnvironment, request)
        return await settle(platform, operation, options, options.wait)


async def cancel(options: Namespace) -> int:
    """Cancels the environment's newest operation; with `wait`, its end by the cancel is what was wished."""
    async with Platform(options) as platform:
        environment = await fetch(platform, options)
        request = operations_pb2.GetOperationRequest(name=environment.operation)
        operation = await platform.registry.call(platform.operations.GetOperation, request)
        if operation.done:
            raise Problem(
                f"Nothing runs on {names.last(environment.name)}: its newest operation is done.",
                ExitCode.CONFLICT,
                reason="OPERATION_DONE",
            )
        cancellation = operations_pb2.CancelOperationRequest(name=operation.name)
        await platform.registry.call(platform.operations.CancelOperation, cancellation)
        if not options.wait:
            seen = view(operation)
            text = f"cancel of operation {names.last(seen.name)} accepted; it ends at the next checkpoint"
            emit(options.output, as_data(operation), text)
            return ExitCode.OK
        try:
            return await finish(platform, operation, options)
        except Problem as problem:
            if problem.exit_code != ExitCode.CANCELLED:
                raise
            emit(options.output, as_data(await fetch(platform, options)), problem.sentence)
            return ExitCode.OK


def _confirm(name: str) -> None:
    if not sys.stdin.isatty():
        raise Problem(
            f"Deleting {name} removes all its data, and there is nobody to ask.", ExitCode.USAGE, remedy="Add --yes."
        )
    say(f"This takes {name} down with its cluster, its databases and its files.")
    print("Type its name to go on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != name:
        raise Problem("Nothing was deleted.", ExitCode.USAGE)
