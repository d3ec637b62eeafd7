"""Makes an older version of a state the present one, under the lease that every writer of the state holds."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from libs.failures import Actor, Failure, Kind
from libs.stages import HeldLease
from libs.stages.leases import lease_key
from libs.state_stores import StateStore, StoredState, WrittenByAnother
from services.state_backend_manager.audit_repository import DONE, AuditRecord, AuditRepository
from services.state_backend_manager.comparison import addresses
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.rendering import backend_name
from services.state_backend_manager.repository import StateBackendRecord, StateBackendRepository, StateVersionRecord
from services.state_backend_manager.versions import Stores, load, parsed

# Whose runs write states.
_WRITER = "infra-engine"
# In seconds. The work is over before the lease is, so that no run can begin beside it.
_LEASE, _LONGEST = 120.0, 90.0
# A work folder may hold a state that was never shipped. It is older than the operator's decision, so what is brought
# back must be the newer one by its serial, which is what a run goes by.
_LEAP = 1000


class RollBacks:
    """Rolls states back."""

    def __init__(
        self, backends: StateBackendRepository, leases: LeaseRepository, audit: AuditRepository, stores: Stores
    ) -> None:
        self._backends = backends
        self._leases = leases
        self._audit = audit
        self._stores = stores

    async def roll_back(
        self, backend: StateBackendRecord, version: StateVersionRecord, *, author: str, reason: str
    ) -> StateVersionRecord:
        """Answers the new version. Raises Failure; see RollBackState in the contract for which."""
        await self._check(backend, version)
        store = self._stores.open(backend)
        subject = f"{backend_name(backend)}/stateVersions/{version.id}"
        detail = f"serial {version.serial}"
        record = AuditRecord(backend.uid, "ROLL_BACK", author, reason, subject, detail=detail)
        identifier = await self._audit.begin(record)
        outcome = "INTERRUPTED"
        try:
            async with self._held(backend, store) as lease, asyncio.timeout(_LONGEST):
                made = await self._write(backend, version, store, lease, author=author, reason=reason)
            outcome = DONE
            return made
        except Failure as failure:
            outcome = failure.reason
            raise
        except TimeoutError as error:
            remedy = "Look whether there is a new version; if not, ask again."
            raise _refused("STATE_STORE_SLOW", "The bucket took too long.", remedy, kind=Kind.UNAVAILABLE) from error
        finally:
            await asyncio.shield(self._audit.end(backend.uid, identifier, outcome))

    async def _check(self, backend: StateBackendRecord, version: StateVersionRecord) -> None:
        newest = (await self._backends.versions(backend.uid, before=None, limit=1))[0]
        if backend.released:
            raise _refused(
                "STATE_RELEASED", f"{backend.environment} is deleted.", "Read its versions; none runs on them."
            )
        if version.id == newest.id:
            raise _refused(
                "STATE_VERSION_PRESENT", f"Serial {version.serial} is the present state.", "Choose an older one."
            )
        if version.lineage != newest.lineage:
            raise _other_lineage(version.lineage, newest.lineage)

    @asynccontextmanager
    async def _held(self, backend: StateBackendRecord, store: StateStore) -> AsyncIterator[HeldLease]:
        """The lease and the lock that outsiders see."""
        key = lease_key(backend.workspace, backend.uid, _WRITER)
        run = f"roll-back-{secrets.token_hex(6)}"
        lease = await self._leases.acquire(key, holder=run, run=run, seconds=_LEASE)
        if lease is None:
            raise await self._in_use(key)
        try:
            await store.lock(run=run, operation="RollBackState", created=datetime.now(UTC).isoformat())
            try:
                yield lease
            finally:
                await store.unlock()
        finally:
            await asyncio.shield(self._leases.release(lease, holder=run))

    async def _write(
        self,
        backend: StateBackendRecord,
        version: StateVersionRecord,
        store: StateStore,
        lease: HeldLease,
        *,
        author: str,
        reason: str,
    ) -> StateVersionRecord:
        document = await load(store, backend, version)
        present = await store.read()
        # Asked again, now that no run can write any more.
        await self._check(backend, version)
        document["serial"] = await self._next_serial(backend, version, present)
        raw = json.dumps(document, indent=2).encode() + b"\n"
        run = f"roll-back-{version.id}"
        try:
            stored = await store.write(raw, over=present.etag if present else None, fence=lease.fence, run=run)
        except WrittenByAnother as error:
            remedy = "Look at its newest version, and ask again."
            message = "Another writer has changed the state."
            raise _refused("STATE_IN_USE", message, remedy, kind=Kind.ABORTED) from error
        made = _record(backend, document, stored, author=author, reason=reason, restored=version.id)
        recorded = await self._backends.record_version(made, lease.key)
        if recorded is None:
            raise await self._in_use(lease.key)
        return recorded

    async def _next_serial(
        self, backend: StateBackendRecord, version: StateVersionRecord, present: StoredState | None
    ) -> int:
        newest = (await self._backends.versions(backend.uid, before=None, limit=1))[0]
        document = parsed(present.raw) if present is not None else None
        if document is None:  # the very damage that is mended
            return newest.serial + _LEAP
        if document["lineage"] != version.lineage:
            raise _other_lineage(version.lineage, document["lineage"])
        return max(newest.serial, int(document["serial"])) + _LEAP

    async def _in_use(self, key: str) -> Failure:
        held = await self._leases.find(key)
        run = held.run if held is not None else "another run"
        return Failure(
            "STATE_IN_USE",
            f"{run} has the state.",
            kind=Kind.ABORTED,
            retryable=True,
            actor=Actor.CUSTOMER,
            remedy="Wait for its end, or cancel its operation, and ask again.",
            resource_address=key,
            retry_after_seconds=max(held.remaining_seconds, 1.0) if held is not None else 1.0,
        )


def _record(
    backend: StateBackendRecord,
    document: dict[str, Any],
    stored: StoredState,
    *,
    author: str,
    reason: str,
    restored: int,
) -> StateVersionRecord:
    return StateVersionRecord(
        uid=backend.uid,
        lineage=str(document["lineage"]),
        serial=int(document["serial"]),
        etag=stored.etag,
        object_version=stored.object_version,
        sha256=hashlib.sha256(stored.raw).hexdigest(),
        size_bytes=len(stored.raw),
        run=stored.run,
        fence=stored.fence,
        resources=sum(not address.startswith("output.") for address in addresses(document)),
        author=author,
        reason=reason,
        restored=restored,
    )


def _other_lineage(one: str, other: str) -> Failure:
    return _refused(
        "STATE_LINEAGE_DIFFERS",
        f"The version is of lineage {one} and the present state of {other}: they describe different things.",
        "Choose a version of the present lineage.",
    )


def _refused(reason: str, message: str, remedy: str, *, kind: Kind = Kind.FAILED_PRECONDITION) -> Failure:
    return Failure(reason, message, kind=kind, actor=Actor.CUSTOMER, remedy=remedy)
