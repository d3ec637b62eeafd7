"""Resource names: what people type (`dev`) and what the API wants (`workspaces/default/environments/dev`)."""

from __future__ import annotations

import re

from libs.beta9ctl.problem import ExitCode, Problem

ID_RULE = "1 to 40 characters of a-z, 0-9 and hyphen, starting with a letter and ending with a letter or digit"
_ID = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")


def is_legal_id(text: str) -> bool:
    """Whether `text` can be a workspace's or an environment's id."""
    return _ID.fullmatch(text) is not None


def workspace(workspace_id: str) -> str:
    """Answers `workspaces/{workspace}`."""
    return f"workspaces/{_legal(workspace_id, 'workspace')}"


def environment(workspace_id: str, name: str) -> str:
    """Answers the environment's resource name; `name` may be its id or the resource name itself."""
    if re.fullmatch(r"workspaces/[^/]+/environments/[^/]+", name):
        return name
    return f"{workspace(workspace_id)}/environments/{_legal(name, 'environment')}"


def operation(workspace_id: str, name: str) -> str:
    """Answers the operation's resource name; `name` may be its id or the resource name itself."""
    if re.fullmatch(r"workspaces/[^/]+/operations/[^/]+", name):
        return name
    if not name or "/" in name:
        raise Problem(
            f'"{name}" is not an operation.', ExitCode.USAGE, remedy="Give its id, as `beta9ctl op list` shows it."
        )
    return f"{workspace(workspace_id)}/operations/{name}"


def parent(name: str) -> str:
    """Answers `workspaces/{workspace}` of any resource name below it."""
    return "/".join(name.split("/")[:2])


def last(name: str) -> str:
    """Answers the last segment of a resource name: what people type."""
    return name.rpartition("/")[2]


def _legal(identifier: str, what: str) -> str:
    if is_legal_id(identifier):
        return identifier
    raise Problem(f'"{identifier}" is not the name of a {what}: names are {ID_RULE}.', ExitCode.USAGE)
