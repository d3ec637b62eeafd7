"""`external-id`"""

from __future__ import annotations

from argparse import Namespace

from provisioning.environment.v1 import environment_service_pb2 as messages

from libs.beta9ctl import names
from libs.beta9ctl.output import as_data, emit
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.rpc import Platform


async def external_id(options: Namespace) -> int:
    """Prints the workspace's external id alone, so that a script can take it; every call answers the same."""
    request = messages.IssueExternalIdRequest(parent=names.workspace(options.workspace))
    async with Platform(options) as platform:
        response = await platform.registry.call(platform.environments.IssueExternalId, request)
    emit(options.output, as_data(response), response.external_id)
    return ExitCode.OK
