"""Resource names, and the ids that are made here."""

from __future__ import annotations

import base64
import re
import secrets
import uuid
from dataclasses import dataclass

from libs.failures import Actor, Failure, FieldViolation, Kind

_SEGMENT = r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?"
_ID = re.compile(_SEGMENT)
_PARENT = re.compile(rf"workspaces/({_SEGMENT})")
_ENVIRONMENT = re.compile(rf"workspaces/({_SEGMENT})/environments/({_SEGMENT})")
_OPERATION = re.compile(rf"workspaces/({_SEGMENT})/operations/([a-z0-9-]{{1,40}})")

ID_RULE = "1 to 40 characters of a-z, 0-9 and hyphen; starts with a letter and ends with a letter or digit"


@dataclass(frozen=True, slots=True)
class EnvironmentName:
    """`workspaces/{workspace}/environments/{environment}` taken apart."""

    workspace: str
    environment: str

    def __str__(self) -> str:
        return f"workspaces/{self.workspace}/environments/{self.environment}"


@dataclass(frozen=True, slots=True)
class OperationName:
    """`workspaces/{workspace}/operations/{operation}` taken apart."""

    workspace: str
    operation: str

    def __str__(self) -> str:
        return f"workspaces/{self.workspace}/operations/{self.operation}"


def parse_parent(parent: str, field: str = "parent") -> str:
    """Answer the workspace of `workspaces/{workspace}`. Raises INVALID_ARGUMENT (NAME_INVALID)."""
    match = _PARENT.fullmatch(parent)
    if match is None:
        raise invalid_name(field, parent, "workspaces/{workspace}")
    return match[1]


def parse_environment(name: str, field: str = "name") -> EnvironmentName:
    """Take an environment's name apart. Raises INVALID_ARGUMENT (NAME_INVALID)."""
    match = _ENVIRONMENT.fullmatch(name)
    if match is None:
        raise invalid_name(field, name, "workspaces/{workspace}/environments/{environment}")
    return EnvironmentName(match[1], match[2])


def parse_operation(name: str) -> OperationName:
    """Take an operation's name apart. Raises INVALID_ARGUMENT (NAME_INVALID)."""
    match = _OPERATION.fullmatch(name)
    if match is None:
        raise invalid_name("name", name, "workspaces/{workspace}/operations/{operation}")
    return OperationName(match[1], match[2])


def id_is_legal(text: str) -> bool:
    """Say whether a text can be an environment's or a workspace's id (ID_RULE)."""
    return _ID.fullmatch(text) is not None


def invalid_name(field: str, given: str, pattern: str) -> Failure:
    """Answer the failure of a malformed name."""
    shown = given if len(given) <= 200 else f"{given[:200]}..."
    return Failure(
        "NAME_INVALID",
        f"{field} is {shown!r}, which is not of the form {pattern}.",
        kind=Kind.INVALID_ARGUMENT,
        actor=Actor.CUSTOMER,
        remedy=f"Write {field} as {pattern}; each id is {ID_RULE}.",
        violations=[FieldViolation(field, f"Must be {pattern}; each id is {ID_RULE}.", "NAME_INVALID")],
    )


def new_uid() -> str:
    """Make an environment's uid: `e` and 15 characters of base32, 75 random bits.

    Lower-case letters and digits that start with a letter: it fits into the names and tags of every AWS service.
    """
    return "e" + base64.b32encode(secrets.token_bytes(10)).decode().lower()[:15]


def new_operation_id() -> str:
    """Make an operation's id."""
    return str(uuid.uuid4())


def new_external_id() -> str:
    """Make a workspace's external id: 160 random bits, of the characters that STS allows."""
    return "beta9-" + base64.b32encode(secrets.token_bytes(20)).decode().lower()
