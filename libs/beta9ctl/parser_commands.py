"""Which commands there are, and the arguments of each."""

from __future__ import annotations

import argparse
import os
from typing import Any

from libs.beta9ctl import parser as p

CREDENTIALS = ("postgres-password", "redis-auth-token", "workspace-storage-key")


def add_environment(families: Any) -> None:
    """`env ...`"""
    env = p.family(families, "env", "create, show, change, follow and remove environments")

    create = p.command(env, "create", "create:run", "create an environment from a document")
    _add_document(create)
    create.add_argument("--validate-only", action="store_true", help="run every check and create nothing")
    create.add_argument(
        "--on-failure",
        choices=("keep", "destroy"),
        default="keep",
        help="what becomes of what a failed create had built (default: keep, to retry from it)",
    )
    p.add_request_id(create)
    p.add_wait(create)
    p.add_form(create)

    get = p.command(env, "get", "read:get", "show an environment")
    _add_name(get)
    p.add_form(get)

    listing = p.command(env, "list", "read:listing", "list the workspace's environments")
    listing.add_argument("--show-deleted", action="store_true", help="list deleted ones too")
    p.add_form(listing)

    watch = p.command(env, "watch", "watch:run", "print every change, the present state first, until Ctrl-C")
    _add_name(watch, optional=True)
    p.add_form(watch)

    update = p.command(env, "update", "update:run", "change an environment into what a document says")
    _add_name(update)
    _add_document(update)
    update.add_argument(
        "--allow-data-loss",
        action="store_true",
        help="let the plan replace or delete what holds data; else it is refused",
    )
    update.add_argument("--validate-only", action="store_true", help="show what changes, and change nothing")
    update.add_argument("--yes", "-y", action="store_true", help="do not ask; needed where there is no terminal")
    p.add_wait(update)
    p.add_form(update)

    rotate = p.command(env, "rotate", "rotate:run", "make new credentials and let Beta9 use them")
    _add_name(rotate)
    rotate.add_argument(
        "credentials",
        metavar="CREDENTIAL",
        nargs="+",
        choices=CREDENTIALS,
        help=f"one or more of {', '.join(CREDENTIALS)}",
    )
    rotate.add_argument("--validate-only", action="store_true", help="run every check and rotate nothing")
    p.add_request_id(rotate)
    p.add_wait(rotate)
    p.add_form(rotate)

    delete = p.command(env, "delete", "change:delete", "take an environment down, with all its data")
    _add_name(delete)
    delete.add_argument("--yes", "-y", action="store_true", help="do not ask; needed where there is no terminal")
    delete.add_argument(
        "--remove-state-bucket",
        action="store_true",
        help="delete the bucket of the Terraform state too, with all versions, if no other environment's is in it",
    )
    p.add_request_id(delete)
    p.add_wait(delete)
    p.add_form(delete)

    retry = p.command(env, "retry", "change:retry", "go on where a failed or cancelled environment stopped")
    _add_name(retry)
    p.add_request_id(retry)
    p.add_wait(retry)
    p.add_form(retry)

    cancel = p.command(env, "cancel", "change:cancel", "cancel the operation that runs on an environment")
    _add_name(cancel)
    p.add_wait(cancel)
    p.add_form(cancel)

    logs = p.command(env, "logs", "logs:run", "print what the commands of its deployment and bootstrap printed")
    _add_name(logs)
    logs.add_argument("--follow", "-f", action="store_true", help="go on until its operation is done")
    logs.add_argument("--output", "-o", choices=("text", "json"), default="text", help="text, or a line of JSON each")

    _add_trace(env)


def add_operation(families: Any) -> None:
    """`op ...`"""
    operations = p.family(families, "op", "show and follow operations")

    get = p.command(operations, "get", "operation:get", "show an operation")
    _add_operation(get)
    p.add_form(get)

    listing = p.command(operations, "list", "operation:listing", "list the workspace's operations")
    listing.add_argument("--environment", metavar="NAME", help="those on one environment")
    p.add_form(listing)

    wait = p.command(operations, "wait", "operation:wait", "show an operation's progress until it is done")
    _add_operation(wait)
    p.add_timeout(wait)
    p.add_form(wait)


def add_workspace(families: Any) -> None:
    """`external-id`, and the same as `workspace external-id`"""
    text = "print the external id that the trust policy of the customer's role must require"
    workspace = p.family(families, "workspace", "what belongs to a workspace")
    for place in (workspace, families):
        p.add_form(p.command(place, "external-id", "workspace:external_id", text))


def add_synth(families: Any) -> None:
    """`synth`"""
    synth = p.command(families, "synth", "synth:run", "print a document's Terraform JSON; needs no service")
    _add_document(synth)


def _add_trace(env: Any) -> None:
    trace = p.command(env, "trace", "trace:run", "draw the trace of an environment's newest operation")
    _add_name(trace)
    which = trace.add_mutually_exclusive_group()
    which.add_argument("--operation", metavar="ID", help="the trace of this operation")
    which.add_argument("--all", action="store_true", help="the traces of all operations on it, oldest first")
    trace.add_argument(
        "--spans-dir",
        metavar="DIR",
        default=os.environ.get("PROVISIONING_SPANS_DIR", ".state/spans"),
        help="where the services write their spans ($PROVISIONING_SPANS_DIR, else .state/spans)",
    )
    trace.add_argument("--full", action="store_true", help="draw every span; else like ones are folded into one line")
    trace.add_argument("--width", type=int, metavar="COLUMNS", help="how wide to draw (the terminal, else 100)")
    trace.add_argument(
        "--output", "-o", choices=("table", "json"), default="table", help="a waterfall, or the joined spans as JSON"
    )


def _add_document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--file", required=True, help="the document, YAML or JSON; - is standard input")


def _add_name(parser: argparse.ArgumentParser, optional: bool = False) -> None:
    text = "the environment's name" + ("; all when left out" if optional else "")
    if optional:
        parser.add_argument("name", metavar="NAME", nargs="?", help=text)
    else:
        parser.add_argument("name", metavar="NAME", help=text)


def _add_operation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("operation", metavar="OPERATION", help="the operation's id or resource name")
