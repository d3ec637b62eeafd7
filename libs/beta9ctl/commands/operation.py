"""`op get`, `op list` and `op wait`"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from google.longrunning import operations_pb2

from libs.beta9ctl import names
from libs.beta9ctl.changes_view import fields_table, resources_table
from libs.beta9ctl.operation_view import OperationView, view
from libs.beta9ctl.output import as_data, columns, emit, pairs
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.progress import clock, elapsed, stage_line
from libs.beta9ctl.rpc import Platform
from libs.beta9ctl.status import problem_of_operation
from libs.beta9ctl.waiting import finish


async def get(options: Namespace) -> int:
    """Prints one operation; that it failed is part of what is printed, not of the exit code."""
    async with Platform(options) as platform:
        operation = await fetch(platform, options.workspace, options.operation)
    emit(options.output, as_data(operation), _details(operation))
    return ExitCode.OK


async def listing(options: Namespace) -> int:
    """Prints the workspace's operations, all or those on one environment."""
    target = names.environment(options.workspace, options.environment) if options.environment else ""
    async with Platform(options) as platform:
        operations = await fetch_all(platform, names.workspace(options.workspace), target)
    rows = [_row(view(operation), operation) for operation in operations]
    table = columns(("OPERATION", "ENVIRONMENT", "VERB", "STATE", "TOOK"), rows) if rows else "There are no operations."
    emit(options.output, {"operations": [as_data(operation) for operation in operations]}, table)
    return ExitCode.OK


async def wait(options: Namespace) -> int:
    """Follows one operation to its end."""
    async with Platform(options) as platform:
        operation = await fetch(platform, options.workspace, options.operation)
        return await finish(platform, operation, options)


async def fetch(platform: Platform, workspace: str, name: str) -> Any:
    """Answers the operation with that id or name. Raises Problem."""
    request = operations_pb2.GetOperationRequest(name=names.operation(workspace, name))
    return await platform.registry.call(platform.operations.GetOperation, request)


async def fetch_all(platform: Platform, parent: str, target: str = "") -> list[Any]:
    """Answers all operations below `parent`, those on the environment `target` alone when it is given."""
    request = operations_pb2.ListOperationsRequest(name=parent)
    found = await platform.registry.every(platform.operations.ListOperations, request, "operations")
    return [operation for operation in found if not target or view(operation).target == target]


def _row(seen: OperationView, operation: Any) -> tuple[str, ...]:
    took = clock(elapsed(seen.created, seen.ended))
    return names.last(seen.name), names.last(seen.target), seen.verb, _state(operation), took


def _state(operation: Any) -> str:
    if not operation.done:
        return "RUNNING"
    if not operation.HasField("error"):
        return "SUCCEEDED"
    return "CANCELLED" if problem_of_operation(operation.error).exit_code == ExitCode.CANCELLED else "FAILED"


def _details(operation: Any) -> str:
    seen = view(operation)
    head = pairs(
        [
            ("name", seen.name),
            ("environment", names.last(seen.target)),
            ("verb", seen.verb),
            ("state", _state(operation)),
            ("resources", seen.resources),
            ("took", clock(elapsed(seen.created, seen.ended))),
            ("trace", seen.trace_id),
            ("message", seen.message),
        ]
    )
    stages = [f"  {stage_line(stage)}" for stage in seen.stages if stage.state != "unspecified"]
    blocks = [head, "\n".join(["stages", *stages]) if stages else ""]
    blocks += [fields_table(seen.changed_fields), resources_table(seen.changed_resources)]
    if operation.HasField("error"):
        blocks.append(str(problem_of_operation(operation.error)))
    return "\n\n".join(block for block in blocks if block)
