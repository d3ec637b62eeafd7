"""`state list`, `versions`, `show`, `diff` and `audit`"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages

from libs.beta9ctl import names
from libs.beta9ctl.output import as_data, columns, emit
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.rpc import Platform
from libs.beta9ctl.state_backends import backends, find, version_name

_SIGNS = {
    resources.STATE_CHANGE_KIND_ADDED: "+",
    resources.STATE_CHANGE_KIND_REMOVED: "-",
    resources.STATE_CHANGE_KIND_CHANGED: "~",
}


async def listing(options: Namespace) -> int:
    """Prints every state backend of the workspace."""
    async with Platform(options) as platform:
        found = await backends(*platform.state(), options.workspace)
    rows = [
        (
            names.last(one.environment),
            names.last(one.name),
            str(one.serial),
            "yes" if one.released else "no",
            f"{one.location.bucket}/{one.location.key}",
        )
        for one in found
    ]
    table = columns(("ENVIRONMENT", "UID", "SERIAL", "DELETED", "PLACE"), rows) if rows else "There are no states."
    emit(options.output, {"stateBackends": [as_data(one) for one in found]}, table)
    return ExitCode.OK


async def versions(options: Namespace) -> int:
    """Prints every version, the newest first."""
    async with Platform(options) as platform:
        endpoint, stub = platform.state()
        backend = await find(endpoint, stub, options)
        request = messages.ListStateVersionsRequest(parent=backend.name)
        found = await endpoint.every(stub.ListStateVersions, request, "state_versions")
    rows = [
        (
            names.last(one.name),
            str(one.serial),
            str(one.resources),
            one.create_time.ToJsonString()[:19],
            f"{one.author}: {one.reason}" if one.author else one.run,
        )
        for one in found
    ]
    table = columns(("VERSION", "SERIAL", "RESOURCES", "CREATED", "BY"), rows) if rows else "There are no versions."
    emit(options.output, {"stateVersions": [as_data(one) for one in found]}, table)
    return ExitCode.OK


async def show(options: Namespace) -> int:
    """Prints one version's content as Terraform's JSON."""
    async with Platform(options) as platform:
        endpoint, stub = platform.state()
        name = await version_name(endpoint, stub, await find(endpoint, stub, options), options.version)
        version = await endpoint.call(stub.GetStateVersion, messages.GetStateVersionRequest(name=name, content=True))
    emit(options.output, as_data(version), version.content)
    return ExitCode.OK


async def diff(options: Namespace) -> int:
    """Prints what differs between two versions."""
    async with Platform(options) as platform:
        endpoint, stub = platform.state()
        backend = await find(endpoint, stub, options)
        request = messages.CompareStateVersionsRequest(
            name=await version_name(endpoint, stub, backend, options.version),
            base=await version_name(endpoint, stub, backend, options.base) if options.base else "",
        )
        compared = await endpoint.call(stub.CompareStateVersions, request)
    emit(options.output, as_data(compared), "\n".join(_lines(compared.changes)) or "Nothing differs.")
    return ExitCode.OK


async def audit(options: Namespace) -> int:
    """Prints what was done by hand, the newest first."""
    async with Platform(options) as platform:
        endpoint, stub = platform.state()
        backend = await find(endpoint, stub, options)
        request = messages.ListAuditRecordsRequest(parent=backend.name)
        found = await endpoint.every(stub.ListAuditRecords, request, "audit_records")
    rows = [
        (one.create_time.ToJsonString()[:19], one.action, one.author, one.outcome, names.last(one.subject), one.reason)
        for one in found
    ]
    table = columns(("WHEN", "ACTION", "BY", "OUTCOME", "WHAT", "WHY"), rows) if rows else "Nothing was done by hand."
    emit(options.output, {"auditRecords": [as_data(one) for one in found]}, table)
    return ExitCode.OK


def _lines(changes: Any) -> list[str]:
    lines: list[str] = []
    for change in changes:
        lines.append(f"{_SIGNS[change.kind]} {change.address}")
        lines += [f"    {one.path}: {one.before or '-'} -> {one.after or '-'}" for one in change.attributes]
    return lines
