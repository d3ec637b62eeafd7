"""`env update`"""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1.environment_pb2 import Environment

from libs.beta9ctl import document_file, names
from libs.beta9ctl.changes_view import fields_table
from libs.beta9ctl.commands.read import fetch
from libs.beta9ctl.operation_view import OperationView, view
from libs.beta9ctl.output import as_data, emit, say
from libs.beta9ctl.problem import ExitCode, Problem
from libs.beta9ctl.rpc import Platform
from libs.beta9ctl.waiting import request_id, settle


async def run(options: Namespace) -> int:
    """Has the document checked and shows what it changes; sends it once the person has agreed.

    The file is the whole document: a key that it does not have takes its default. What was shown is what is sent:
    another change in between is refused by the environment's etag.
    """
    name = names.environment(options.workspace, options.name)
    document = document_file.load(options.file)
    if document.name != names.last(name):
        raise Problem(
            f"{options.file} is the document of {document.name}, not of {names.last(name)}.",
            ExitCode.USAGE,
            remedy="Give the environment that the document names: a name cannot be changed.",
        )
    async with Platform(options) as platform:
        present = await fetch(platform, options)
        request = messages.UpdateEnvironmentRequest(
            environment=Environment(name=name, spec=document.spec, etag=present.etag),
            update_mask=FieldMask(paths=["spec"]),
            allow_data_loss=options.allow_data_loss,
            validate_only=True,
        )
        checked = await platform.registry.call(platform.environments.UpdateEnvironment, request)
        if options.validate_only:
            emit(options.output, as_data(checked), f"{_told(view(checked))}\nNothing was changed.")
            return ExitCode.OK
        say(_told(view(checked)))
        if not options.yes:
            _confirm(names.last(name))
        request.validate_only = False
        request.request_id = request_id(None)
        return await _send(platform, request, options)


async def _send(platform: Platform, request: Any, options: Namespace) -> int:
    name = names.last(request.environment.name)
    options.on_interrupt = (
        f"Interrupted before the registry answered. Whether it took the change says: beta9ctl env get {name}"
    )
    operation = await platform.registry.call(platform.environments.UpdateEnvironment, request)
    options.on_interrupt = ""
    return await settle(platform, operation, options, options.wait)


def _told(operation: OperationView) -> str:
    table = fields_table(operation.changed_fields)
    unchanged = "The document changes no field: account and cluster are brought into its shape again."
    return table or unchanged


def _confirm(name: str) -> None:
    if not sys.stdin.isatty():
        raise Problem(
            f"Updating {name} wants a person's word, and there is nobody to ask.", ExitCode.USAGE, remedy="Add --yes."
        )
    print(f"Update {name}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Problem("Nothing was changed.", ExitCode.USAGE)
