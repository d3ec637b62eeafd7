"""Who works on a state, and how a lock is broken by hand."""

from libs.failures import Actor, Failure, Kind
from services.state_backend_manager.audit_repository import DONE, AuditRecord, AuditRepository
from services.state_backend_manager.lease_repository import Broken, LeaseRepository
from services.state_backend_manager.rendering import backend_name
from services.state_backend_manager.repository import StateBackendRecord
from services.state_backend_manager.versions import Stores


class Locks:
    """Breaks leases and lock objects."""

    def __init__(self, leases: LeaseRepository, audit: AuditRepository, stores: Stores) -> None:
        self._leases = leases
        self._audit = audit
        self._stores = stores

    async def break_lease(
        self, backend: StateBackendRecord, key: str, *, author: str, reason: str, force: bool
    ) -> None:
        """Takes a lease from its owner, who is told at its next renewal; nobody else gets it before what was left of
        it has run out, since the owner may be at work until then. Raises Failure."""
        record = AuditRecord(backend.uid, "BREAK_LEASE", author, reason, key, DONE, "forced" if force else "")
        broken, lease = await self._leases.break_lease(key, record, force=force)
        if broken is Broken.DONE:
            return
        if lease is None:
            raise lease_not_found(key)
        if broken is Broken.NOT_HELD:
            raise _refused("NOT_LOCKED", f"Nobody holds {key}.", "Go on: nothing is in the way.", key)
        raise _refused(
            "OWNER_ALIVE",
            f"{lease.holder} renewed its lease {lease.heartbeat_seconds:.0f} s ago.",
            "Wait for the end of its run or cancel its operation; a run that hangs is ended by force.",
            key,
        )

    async def break_lock_object(
        self, backend: StateBackendRecord, lock_id: str, *, author: str, reason: str, force: bool
    ) -> None:
        """Removes the lock that outsiders see. Ours is refused while the run has its lease. Raises Failure."""
        store = self._stores.open(backend)
        held = await store.holder()
        if held is None or held.id != lock_id:
            raise Failure(
                "LOCK_NOT_FOUND",
                f"{backend.location.uri} has no lock with id {lock_id}.",
                kind=Kind.NOT_FOUND,
                actor=Actor.CUSTOMER,
                remedy="GetStateLock tells the present one.",
                resource_address=backend.location.uri,
            )
        if held.ours and not force and (alive := await self._alive(backend)):
            raise _refused("OWNER_ALIVE", f"{alive} is at work.", "Wait for its end, or cancel its operation.", lock_id)
        detail = f"{held.who} {held.operation} {held.created}".strip()
        record = AuditRecord(backend.uid, "BREAK_LOCK_OBJECT", author, reason, lock_id, detail=detail)
        identifier = await self._audit.begin(record)
        try:
            removed = await store.break_lock(lock_id)
        except Failure as failure:
            await self._audit.end(backend.uid, identifier, failure.reason)
            raise
        await self._audit.end(backend.uid, identifier, DONE if removed else "LOCK_NOT_FOUND")

    async def _alive(self, backend: StateBackendRecord) -> str:
        leases = await self._leases.below(backend_name(backend))
        return next((one.run for one in leases if one.remaining_seconds > 0 and one.holder), "")


def lease_not_found(key: str) -> Failure:
    return Failure("LEASE_NOT_FOUND", f"No lease was ever taken on {key}.", kind=Kind.NOT_FOUND, resource_address=key)


def _refused(reason: str, message: str, remedy: str, address: str) -> Failure:
    return Failure(
        reason,
        message,
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy=remedy,
        resource_address=address,
    )
