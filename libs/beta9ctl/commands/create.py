"""`env create`"""

from __future__ import annotations

from argparse import Namespace

from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1.environment_pb2 import Environment

from libs.beta9ctl import document_file, names
from libs.beta9ctl.output import as_data, emit
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.rpc import Platform
from libs.beta9ctl.waiting import request_id, settle

_ON_FAILURE = {
    "keep": messages.ON_CREATE_FAILURE_KEEP,
    "destroy": messages.ON_CREATE_FAILURE_DESTROY,
}


async def run(options: Namespace) -> int:
    """Sends the document; a repeat under the same request id answers the operation of the first."""
    document = document_file.load(options.file)
    request = messages.CreateEnvironmentRequest(
        parent=names.workspace(options.workspace),
        environment_id=document.name,
        environment=Environment(spec=document.spec),
        request_id=request_id(options.request_id),
        validate_only=options.validate_only,
        on_create_failure=_ON_FAILURE[options.on_failure],
    )
    options.on_interrupt = (
        "Interrupted before the registry answered. To learn what came of it, give the same command again with "
        f"--request-id {request.request_id}"
    )
    async with Platform(options) as platform:
        operation = await platform.registry.call(platform.environments.CreateEnvironment, request)
        options.on_interrupt = ""
        if options.validate_only:
            emit(options.output, as_data(operation), f"{options.file} is valid; nothing was created.")
            return ExitCode.OK
        return await settle(platform, operation, options, options.wait)
