"""`env rotate`"""

from __future__ import annotations

from argparse import Namespace

from provisioning.environment.v1 import environment_service_pb2 as messages

from libs.beta9ctl import names
from libs.beta9ctl.output import as_data, emit
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.rpc import Platform
from libs.beta9ctl.waiting import request_id, settle


async def run(options: Namespace) -> int:
    """Asks for new credentials; Beta9 uses them before the old ones end."""
    request = messages.RotateCredentialsRequest(
        name=names.environment(options.workspace, options.name),
        credentials=[credential(word) for word in dict.fromkeys(options.credentials)],  # type: ignore[misc]
        request_id=request_id(options.request_id),
        validate_only=options.validate_only,
    )
    async with Platform(options) as platform:
        operation = await platform.registry.call(platform.environments.RotateCredentials, request)
        if options.validate_only:
            emit(options.output, as_data(operation), f"{options.name} can rotate them; nothing was changed.")
            return ExitCode.OK
        return await settle(platform, operation, options, options.wait)


def credential(word: str) -> int:
    """The contract's value of a word such as `postgres-password`."""
    return messages.Credential.Value(f"CREDENTIAL_{word.upper().replace('-', '_')}")
