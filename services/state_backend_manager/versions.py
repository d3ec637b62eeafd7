"""The content of versions, as the store has it: whole, and what was recorded."""

import hashlib
import json
from typing import Any

from libs.failures import Actor, Failure, Kind
from libs.state_stores import StateStore, open_store
from services.state_backend_manager.repository import StateBackendRecord, StateVersionRecord


class Stores:
    """Opens the stores of backends; PROVISIONING_S3_PATH_STYLE is `path_style`."""

    def __init__(self, *, path_style: bool) -> None:
        self._path_style = path_style

    def open(self, backend: StateBackendRecord) -> StateStore:
        """Raises Failure (ACCESS_UNKNOWN) for a backend that a release made which did not keep its access."""
        if backend.access is None:
            raise Failure(
                "ACCESS_UNKNOWN",
                f"How to enter the account of {backend.environment} is not on record.",
                kind=Kind.FAILED_PRECONDITION,
                actor=Actor.PLATFORM,
                remedy="Update or retry the environment once; that puts it on record.",
                resource_address=backend.location.uri,
            )
        return open_store(backend.access, backend.location, path_style=self._path_style)


def parsed(raw: bytes) -> dict[str, Any] | None:
    """A whole state of version 4; None for what is torn or something else."""
    try:
        document = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(document, dict) or document.get("version") != 4:
        return None
    whole = isinstance(document.get("lineage"), str) and isinstance(document.get("serial"), int)
    return document if whole and isinstance(document.get("resources"), list) else None


async def load(store: StateStore, backend: StateBackendRecord, version: StateVersionRecord) -> dict[str, Any]:
    """A version's content. Raises Failure (STATE_VERSION_GONE, STATE_VERSION_DAMAGED, and those of the store)."""
    stored = await store.read(version.object_version) if version.object_version else None
    where = f"{backend.location.uri}?versionId={version.object_version}"
    if stored is None:
        raise Failure(
            "STATE_VERSION_GONE",
            f"The content of serial {version.serial} is not in the bucket any more.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.CUSTOMER,
            remedy=f"Choose a newer version; superseded ones are kept for {backend.retention_days} days.",
            resource_address=where,
        )
    document = parsed(stored.raw)
    if document is None or hashlib.sha256(stored.raw).hexdigest() != version.sha256:
        raise Failure(
            "STATE_VERSION_DAMAGED",
            f"The content of serial {version.serial} is not what was recorded.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.PLATFORM,
            remedy="Choose another version, and find out who writes to the bucket.",
            resource_address=where,
        )
    return document
