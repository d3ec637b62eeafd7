"""`env get` and `env list`"""

from __future__ import annotations

from argparse import Namespace

from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1.environment_pb2 import Environment

from libs.beta9ctl import environment_view, names
from libs.beta9ctl.output import as_data, emit
from libs.beta9ctl.problem import ExitCode
from libs.beta9ctl.rpc import Platform


async def get(options: Namespace) -> int:
    """Prints one environment."""
    async with Platform(options) as platform:
        environment = await fetch(platform, options)
    emit(options.output, as_data(environment), environment_view.details(environment))
    return ExitCode.OK


async def listing(options: Namespace) -> int:
    """Prints all environments of the workspace, every page."""
    request = messages.ListEnvironmentsRequest(
        parent=names.workspace(options.workspace), show_deleted=options.show_deleted
    )
    async with Platform(options) as platform:
        environments = await platform.registry.every(platform.environments.ListEnvironments, request, "environments")
    data = {"environments": [as_data(environment) for environment in environments]}
    emit(options.output, data, environment_view.listing(environments))
    return ExitCode.OK


async def fetch(platform: Platform, options: Namespace) -> Environment:
    """Answers the environment that `options` name. Raises Problem."""
    request = messages.GetEnvironmentRequest(name=names.environment(options.workspace, options.name))
    environment: Environment = await platform.registry.call(platform.environments.GetEnvironment, request)
    return environment
