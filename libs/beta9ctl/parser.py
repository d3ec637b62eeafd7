"""The arguments of beta9ctl. Nothing here imports what a command needs, so that help comes at once."""

from __future__ import annotations

import argparse
import os
import re
from typing import Any

from libs.beta9ctl.problem import MEANINGS

COMMANDS = "libs.beta9ctl.commands"
FORMS = ("table", "json", "yaml")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
_ADDRESSES = (
    ("--address", "ENVIRONMENT_REGISTRY_ADDRESS", "127.0.0.1:50051", "the environment registry"),
    ("--infra-address", "INFRA_ENGINE_ADDRESS", "127.0.0.1:50052", "the infra engine (logs)"),
    ("--bootstrapper-address", "CLUSTER_BOOTSTRAPPER_ADDRESS", "127.0.0.1:50053", "the cluster bootstrapper (logs)"),
    ("--state-address", "STATE_BACKEND_MANAGER_ADDRESS", "127.0.0.1:50054", "the state-backend manager (states)"),
)


def epilog() -> str:
    """The exit codes, for the help of every command."""
    lines = [f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items()]
    return "\n".join(["exit codes:", *lines])


def seconds(text: str) -> float:
    """Reads `90`, `90s`, `15m` or `1h30m`; answers seconds."""
    match = _DURATION.fullmatch(text)
    if not text or not match:
        raise argparse.ArgumentTypeError(f'"{text}" is not a duration such as 90s, 15m or 1h30m')
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + rest)


def build() -> argparse.ArgumentParser:
    """Answers the whole parser; a parsed command has `run`, "module:function" below COMMANDS."""
    from libs.beta9ctl import parser_commands, parser_state

    parser = _parser(
        argparse.ArgumentParser,
        prog="beta9ctl",
        description="Builds, shows and removes Beta9 environments.",
    )
    _add_common(parser, top=True)
    families = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parser_commands.add_environment(families)
    parser_commands.add_operation(families)
    parser_state.add_state(families)
    parser_commands.add_workspace(families)
    parser_commands.add_synth(families)
    return parser


def family(families: Any, name: str, help_text: str) -> Any:
    """Adds a command that only holds commands; answers where to add them."""
    parser = families.add_parser(name, help=help_text, description=_sentence(help_text), **_texts())
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def command(family_parsers: Any, name: str, run: str, help_text: str) -> argparse.ArgumentParser:
    """Adds a command that is run by `run`; answers its parser for the arguments of its own."""
    parser: argparse.ArgumentParser = family_parsers.add_parser(
        name, help=help_text, description=_sentence(help_text), **_texts()
    )
    _add_common(parser, top=False)
    parser.set_defaults(run=run)
    return parser


def add_form(parser: argparse.ArgumentParser) -> None:
    """Adds `-o`."""
    parser.add_argument("-o", "--output", choices=FORMS, default="table", help="how to print the result (table)")


def add_wait(parser: argparse.ArgumentParser) -> None:
    """Adds `--wait` and `--timeout`."""
    parser.add_argument("--wait", action="store_true", help="show progress until the operation is done")
    add_timeout(parser)


def add_timeout(parser: argparse.ArgumentParser) -> None:
    """Adds `--timeout`."""
    parser.add_argument(
        "--timeout", type=seconds, metavar="DURATION", help="stop waiting after 90s, 15m, 1h30m (never)"
    )


def add_request_id(parser: argparse.ArgumentParser) -> None:
    """Adds `--request-id`."""
    parser.add_argument(
        "--request-id", metavar="UUID", help="a UUID4; the same one within a day answers the same (a new one)"
    )


def _add_common(parser: argparse.ArgumentParser, top: bool) -> None:
    """Adds the options that may stand before the command or behind it; behind it they have no default of their own."""
    group = parser.add_argument_group("connection")
    for option, variable, default, what in _ADDRESSES:
        group.add_argument(
            option,
            metavar="HOST:PORT",
            default=os.environ.get(variable, default) if top else argparse.SUPPRESS,
            help=f"{what} (${variable}, else {default})",
        )
    group.add_argument(
        "--workspace",
        "-w",
        metavar="ID",
        default="default" if top else argparse.SUPPRESS,
        help="the workspace of the environments (default)",
    )


def _sentence(help_text: str) -> str:
    return f"{help_text[0].upper()}{help_text[1:]}."


def _texts() -> dict[str, Any]:
    return {"epilog": epilog(), "formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}


def _parser(factory: Any, **texts: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = factory(**texts, **_texts())
    return parser
