"""Finds the state backend that a person means."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1.state_backend_pb2 import StateBackend, StateVersion

from libs.beta9ctl import names
from libs.beta9ctl.problem import ExitCode, Problem


async def backends(endpoint: Any, stub: Any, workspace: str) -> list[StateBackend]:
    """Every state backend of the workspace. Raises Problem."""
    request = messages.ListStateBackendsRequest(parent=names.workspace(workspace))
    found: list[StateBackend] = await endpoint.every(stub.ListStateBackends, request, "state_backends")
    return found


async def find(endpoint: Any, stub: Any, options: Namespace) -> StateBackend:
    """The backend of the environment with that name, or with that uid. Raises Problem.

    Of a name that was used again it is the one that is not released; a uid tells which of the others.
    """
    every = await backends(endpoint, stub, options.workspace)
    mine = [one for one in every if options.name in (names.last(one.environment), names.last(one.name))]
    for one in mine:
        if not one.released or names.last(one.name) == options.name:
            return one
    if len(mine) == 1:
        return mine[0]
    remedy = "Give a uid, as `beta9ctl state list` shows it."
    what = "has several states" if mine else "has no state"
    raise Problem(f"{options.name} {what}.", ExitCode.NOT_FOUND, reason="STATE_BACKEND_NOT_FOUND", remedy=remedy)


async def version_name(endpoint: Any, stub: Any, backend: StateBackend, version: str | None) -> str:
    """The resource name of a version, the newest one's when none is given. Raises Problem."""
    if version:
        return version if "/" in version else f"{backend.name}/stateVersions/{version}"
    page = await endpoint.call(
        stub.ListStateVersions, messages.ListStateVersionsRequest(parent=backend.name, page_size=1)
    )
    newest: list[StateVersion] = list(page.state_versions)
    if not newest:
        raise Problem(f"{names.last(backend.environment)} has no state yet.", ExitCode.NOT_FOUND)
    return newest[0].name
