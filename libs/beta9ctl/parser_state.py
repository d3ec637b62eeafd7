"""The arguments of `state ...`."""

from __future__ import annotations

import argparse
from typing import Any

from libs.beta9ctl import parser as p


def add_state(families: Any) -> None:
    """`state ...`"""
    state = p.family(families, "state", "look at Terraform states, compare them, roll them back, and break their locks")

    p.add_form(p.command(state, "list", "state_read:listing", "list where the workspace's states are kept"))

    versions = p.command(state, "versions", "state_read:versions", "list a state's versions, the newest first")
    _add_backend(versions)
    p.add_form(versions)

    show = p.command(state, "show", "state_read:show", "print a version's content without its secrets")
    _add_backend(show)
    show.add_argument("version", metavar="VERSION", nargs="?", help="as `state versions` shows it (the newest)")
    p.add_form(show)

    diff = p.command(state, "diff", "state_read:diff", "show what a version changed, without its secrets")
    _add_backend(diff)
    diff.add_argument("version", metavar="VERSION", nargs="?", help="the later version (the newest)")
    diff.add_argument("--base", metavar="VERSION", help="the earlier version (the one before)")
    p.add_form(diff)

    lock = p.command(state, "lock", "state_change:lock", "show who works on a state: leases, and the lock object")
    _add_backend(lock)
    p.add_form(lock)

    audit = p.command(state, "audit", "state_read:audit", "list what was done to a state by hand, by whom and why")
    _add_backend(audit)
    p.add_form(audit)

    rollback = p.command(state, "rollback", "state_change:rollback", "make an older version the present state")
    _add_backend(rollback)
    rollback.add_argument("version", metavar="VERSION", help="as `state versions` shows it")
    _add_reason(rollback)
    p.add_form(rollback)

    unlock = p.command(state, "unlock", "state_change:unlock", "break a lease, or with --lock-id the lock object")
    _add_backend(unlock)
    unlock.add_argument("--lock-id", metavar="ID", default="", help="the lock object's id, as `state lock` shows it")
    unlock.add_argument("--service", default="infra-engine", help="whose lease to break (infra-engine)")
    unlock.add_argument("--force", action="store_true", help="though its owner is alive")
    _add_reason(unlock)
    p.add_form(unlock)


def _add_backend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the environment's name, or its uid once it is deleted")


def _add_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; kept in the audit record")
