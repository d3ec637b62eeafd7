"""`state lock`, `unlock` and `rollback`"""

from __future__ import annotations

from argparse import Namespace

from provisioning.state.v1 import state_backend_service_pb2 as messages

from libs.beta9ctl import names
from libs.beta9ctl.output import as_data, columns, emit
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.rpc import CALL_SECONDS, Platform
from libs.beta9ctl.state_backends import find, version_name

# A roll back reads and writes the bucket, and is bounded by the service.
_ROLL_BACK_SECONDS = CALL_SECONDS * 8


async def lock(options: Namespace) -> int:
    """Prints who works on a state."""
    async with Platform(options) as platform:
        endpoint, stub = platform.state()
        backend = await find(endpoint, stub, options)
        found = await endpoint.call(stub.GetStateLock, messages.GetStateLockRequest(name=backend.name))
    rows = [
        (
            names.last(one.key),
            one.holder or "(broken)",
            names.last(one.operation),
            f"{one.age_milliseconds // 1000} s",
            f"{one.heartbeat_age_milliseconds // 1000} s ago",
            f"{one.remaining_milliseconds / 1000:.0f} s",
        )
        for one in found.leases
        if one.remaining_milliseconds
    ]
    blocks = [columns(("LEASE", "HOLDER", "OPERATION", "AGE", "HEARTBEAT", "LEFT"), rows)] if rows else []
    if found.HasField("lock_object"):
        held = found.lock_object
        blocks.append(
            columns(("LOCK ID", "WHO", "OPERATION", "CREATED"), [(held.id, held.who, held.operation, held.created)])
        )
    emit(options.output, as_data(found), "\n\n".join(blocks) or "Nobody works on it.")
    return ExitCode.OK


async def unlock(options: Namespace) -> int:
    """Breaks a lock by hand."""
    async with Platform(options) as platform:
        endpoint, stub = platform.state()
        backend = await find(endpoint, stub, options)
        key = backend.name if options.lock_id else f"{backend.name}/{options.service}"
        request = messages.UnlockRequest(
            key=key, reason=options.reason, force=options.force, lock_id=options.lock_id
        )  # fmt: skip
        await endpoint.call(stub.Unlock, request)
    emit(options.output, {"key": key}, f"{key} is broken.")
    return ExitCode.OK


async def rollback(options: Namespace) -> int:
    """Makes an older version the present one."""
    async with Platform(options) as platform:
        endpoint, stub = platform.state()
        name = await version_name(endpoint, stub, await find(endpoint, stub, options), options.version)
        request = messages.RollBackStateRequest(name=name, reason=options.reason)
        made = await endpoint.call(stub.RollBackState, request, _ROLL_BACK_SECONDS)
    text = (
        f"version {names.last(made.name)} (serial {made.serial}) is the present state; retry or update to go on from it"
    )
    emit(options.output, as_data(made), text)
    return ExitCode.OK
