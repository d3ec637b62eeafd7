"""The launcher's commands, for people and for make."""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from libs.embedded import account, background, foreground
from libs.embedded.failures import PlatformError
from libs.embedded.layout import ROOT, Layout
from libs.embedded.onboarding import onboard
from libs.embedded.specs import Sandbox

_NEXT_STEPS_ON_AWS = """\
For clients in this shell:
  eval "$(.venv/bin/python -m libs.embedded env)"
Watch events:
  nats --server "$NATS_URL" sub 'provisioning.v1.*.*.environment.>'
End it:
  make down"""
_NEXT_STEPS = f"""\
Make an environment in the sandbox (its customer's role first):
  .venv/bin/python -m libs.embedded onboard \\
      arn:aws:iam::222233334444:role/Beta9Provisioner "$(.venv/bin/beta9ctl external-id)"
  .venv/bin/beta9ctl env create -f examples/minimal.yaml --wait
{_NEXT_STEPS_ON_AWS}"""


def main(arguments: Sequence[str]) -> int:
    """0 when done, 1 with a sentence when not, 130 when interrupted."""
    options = _parse(arguments)
    layout = Layout(options.state_dir.resolve())
    sandbox = _sandbox(options) if "no_sandbox" in options else False
    try:
        match options.command:
            case "run":
                return foreground.run(layout, sandbox)
            case "demo":
                # Only here: the demo brings a client's imports along.
                from libs.embedded.demo import run

                return run(layout, sandbox)
            case "up":
                background.up(layout, _again(options))
                _print_endpoints(_account(layout))
            case "down":
                print(background.down(layout))
            case "status":
                _print_status(_account(layout))
            case "onboard":
                sandbox_url = _account(layout)["sandbox"]
                if sandbox_url is None:
                    raise PlatformError("this platform has no sandbox: make the role in your AWS account")
                asyncio.run(onboard(sandbox_url, options.role_arn, options.external_id))
                print(f"{options.role_arn} can be assumed with the external id {options.external_id}")
            case "env":
                for name, value in _account(layout)["environment"].items():
                    print(f"export {name}={shlex.quote(value)}")
    except PlatformError as error:
        print(f"embedded: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("embedded: interrupted; nothing is left running", file=sys.stderr)
        return 130
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m libs.embedded", description="The platform on one machine.")
    parser.add_argument("--state-dir", type=Path, default=ROOT / ".state", help="folder of all its files (.state)")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("up", "start it in the background"),
        ("run", "start it and stay in the foreground"),
        ("demo", "one environment there and back"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--no-sandbox", action="store_true", help="use the AWS of this environment's variables")
        command.add_argument("--waits-factor", type=float, help="real AWS waits, divided by this (none unless given)")
    commands.add_parser("down", help="end it, and the sandbox's cloud with it")
    commands.add_parser("status", help="show its processes and endpoints")
    commands.add_parser("env", help="print variables for clients, for eval in a shell")
    onboarding = commands.add_parser("onboard", help="make a customer's account and role in the sandbox")
    onboarding.add_argument("role_arn", help="such as arn:aws:iam::222233334444:role/Beta9Provisioner")
    onboarding.add_argument("external_id", help="what beta9ctl external-id prints")
    return parser.parse_args(arguments)


def _sandbox(options: argparse.Namespace) -> Sandbox | bool:
    return False if options.no_sandbox else Sandbox(waits_factor=options.waits_factor)


def _again(options: argparse.Namespace) -> list[str]:
    """The options of `up` for the `run` that it starts."""
    waits = ["--waits-factor", str(options.waits_factor)] if options.waits_factor is not None else []
    return [*(["--no-sandbox"] if options.no_sandbox else []), *waits]


def _account(layout: Layout) -> dict[str, Any]:
    found = account.read(layout)
    if found is None:
        raise PlatformError(f"no platform is running in {layout.state}: start one with make up")
    return found


def _print_status(found: dict[str, Any]) -> None:
    print(f"{found['state']} (launcher {found.get('pid', '?')})")
    for name, process in found["processes"].items():
        running = f"pid {process['pid']}" if process["pid"] else "not running"
        restarts = f", started again {process['restarts']} times" if process["restarts"] else ""
        print(f"  {name:32} {running}{restarts}   {os.path.relpath(process['log'])}")
    if found["state"] == "ready":
        _print_endpoints(found)


def _print_endpoints(found: dict[str, Any]) -> None:
    environment: dict[str, str] = found["environment"]
    print("\nEndpoints")
    for name, value in sorted(environment.items(), key=lambda item: item[1]):
        if name.endswith("_ADDRESS"):
            print(f"  {name.removesuffix('_ADDRESS').lower().replace('_', '-'):24} {value}   (gRPC, reflection on)")
    print(f"  {'events (NATS)':24} {environment['NATS_URL']}")
    if found["sandbox"]:
        print(f"  {'sandbox (AWS)':24} {found['sandbox']}")
    print(f"\n{_NEXT_STEPS if found['sandbox'] else _NEXT_STEPS_ON_AWS}")
