"""What requests must have before the database is asked."""

import re
from collections.abc import Mapping

from provisioning.state.v1 import state_backend_service_pb2 as messages

from libs.failures import Actor, Failure, FieldViolation, Kind
from libs.grpckit import current_principal
from libs.grpckit.pages import token_text
from libs.grpckit.requests import parse_name

BACKEND = "workspaces/{workspace}/stateBackends/{uid}"
VERSION = f"{BACKEND}/stateVersions/{{version}}"
_LEASE = f"{BACKEND}/{{service}}"
# Of a lease, in milliseconds. Out of it is refused, never bent: a holder that is given less than it believes would
# work on while another has the lease.
_SHORTEST, _LONGEST = 1_000, 300_000
_TEXT_LENGTH = 512
_UID = re.compile(r"[a-z0-9-]{1,63}")


def leased(key: str, field: str = "key") -> str:
    """The state backend that a lease's key belongs to. Raises Failure (NAME_INVALID, WORKSPACE_FORBIDDEN)."""
    current_principal().require(parse_name(_LEASE, key, field)["workspace"])
    return key.rpartition("/")[0]


def version_of(name: str, field: str) -> tuple[str, int]:
    """The backend's name and the version's id, out of a version's name; 0 for an id that no version has.

    Raises Failure (NAME_INVALID, WORKSPACE_FORBIDDEN).
    """
    parts = parse_name(VERSION, name, field)
    current_principal().require(parts["workspace"])
    digits = parts["version"].isascii() and parts["version"].isdigit() and len(parts["version"]) < 19
    return name.rpartition("/stateVersions/")[0], int(parts["version"]) if digits else 0


def unlocked(key: str, lock_id: str) -> str:
    """The state backend whose lease or lock object is to be broken. Raises Failure (NAME_INVALID, ...)."""
    if lock_id:
        current_principal().require(parse_name(BACKEND, key, "key")["workspace"])
        return key
    return leased(key)


def same_backend(name: str, base: str) -> None:
    """Raises Failure (REQUEST_INVALID) unless both are of one backend."""
    if name != base:
        raise _invalid({"base": "must be a version of the same state backend"})


def lease_seconds(milliseconds: int) -> float:
    """A lease's duration. Raises Failure (REQUEST_INVALID)."""
    if not _SHORTEST <= milliseconds <= _LONGEST:
        raise _invalid({"duration_milliseconds": f"must be {_SHORTEST} to {_LONGEST}"})
    return milliseconds / 1000


def require_texts(**texts: str) -> None:
    """Required texts that Postgres can keep. Raises Failure (REQUEST_INVALID), which names every bad field at once."""
    wrong = {field: what for field, text in texts.items() if (what := _wrong_text(text, required=True))}
    if wrong:
        raise _invalid(wrong)


def check_version(request: messages.RecordStateVersionRequest) -> None:
    """A version to record, under a lease of its own backend.

    Raises Failure (NAME_INVALID, WORKSPACE_FORBIDDEN, REQUEST_INVALID).
    """
    current_principal().require(parse_name(BACKEND, request.parent, "parent")["workspace"])
    owner = leased(request.lease_key, "lease_key")
    version = request.state_version
    wrong: dict[str, str] = {}
    for name in ("lineage", "sha256", "run", "etag", "object_version"):
        if what := _wrong_text(getattr(version, name), required=name in ("lineage", "sha256", "run")):
            wrong[f"state_version.{name}"] = what
    for name in ("serial", "size_bytes", "resources"):
        if getattr(version, name) < 0:
            wrong[f"state_version.{name}"] = "must not be negative"
    if owner != request.parent:
        # Fences are a lease's own: another lease's might let a stale one in.
        wrong["lease_key"] = "must be a lease of the state backend in parent"
    if wrong:
        raise _invalid(wrong)


def uid_position(token: str) -> str:
    """The uid behind which a page starts; empty for the first. Raises Failure (PAGE_TOKEN_INVALID) for a forged one."""
    uid = token_text(token)
    if uid and not _UID.fullmatch(uid):
        raise _invalid({"page_token": "is not one that this service gave"}, reason="PAGE_TOKEN_INVALID")
    return uid


def _wrong_text(text: str, *, required: bool) -> str:
    if required and not text:
        return "must be given"
    if len(text) > _TEXT_LENGTH:
        return f"must not be longer than {_TEXT_LENGTH} characters"
    return "must not contain NUL" if "\0" in text else ""


def _invalid(wrong: Mapping[str, str], *, reason: str = "REQUEST_INVALID") -> Failure:
    return Failure(
        reason,
        "; ".join(f"{field} {what}" for field, what in wrong.items()) + ".",
        kind=Kind.INVALID_ARGUMENT,
        actor=Actor.CUSTOMER,
        remedy="Correct the fields named, and repeat the request.",
        violations=[FieldViolation(field, what, reason) for field, what in wrong.items()],
    )
