"""StateBackendService over gRPC: parses, calls, renders."""

import json
from typing import Any

from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1 import state_backend_service_pb2_grpc as service

from libs.failures import Actor, Failure, Kind
from libs.grpckit import current_principal
from libs.grpckit.pages import page_size, token_number, token_of
from libs.grpckit.requests import parse_name
from libs.stages import HeldLease, LeaseLost
from services.state_backend_manager.audit_repository import AuditRepository
from services.state_backend_manager.comparison import compare
from services.state_backend_manager.lease_repository import LeaseRepository
from services.state_backend_manager.locks import Locks, lease_not_found
from services.state_backend_manager.redaction import redact
from services.state_backend_manager.rendering import (
    audit_message,
    backend_message,
    change_message,
    lease_message,
    lock_object_message,
    version_message,
    version_record,
)
from services.state_backend_manager.repository import StateBackendRecord, StateBackendRepository, StateVersionRecord
from services.state_backend_manager.requests import (
    BACKEND,
    check_version,
    lease_seconds,
    leased,
    require_texts,
    same_backend,
    uid_position,
    unlocked,
    version_of,
)
from services.state_backend_manager.rolling_back import RollBacks
from services.state_backend_manager.versions import Stores, load


class StateBackendServicer(service.StateBackendServiceServicer):
    """See proto/provisioning/state/v1/state_backend_service.proto for what each method promises."""

    def __init__(
        self, backends: StateBackendRepository, leases: LeaseRepository, audit: AuditRepository, stores: Stores
    ) -> None:
        self._backends = backends
        self._leases = leases
        self._audit = audit
        self._stores = stores
        self._locks = Locks(leases, audit, stores)
        self._roll_backs = RollBacks(backends, leases, audit, stores)

    async def GetStateBackend(self, request: messages.GetStateBackendRequest, context: Any) -> resources.StateBackend:
        return backend_message(await self._backend(request.name, "name"))

    async def ListStateBackends(
        self, request: messages.ListStateBackendsRequest, context: Any
    ) -> messages.ListStateBackendsResponse:
        workspace = parse_name("workspaces/{workspace}", request.parent, "parent")["workspace"]
        current_principal().require(workspace)
        size = page_size(request.page_size)
        found = await self._backends.page(workspace, after=uid_position(request.page_token), limit=size + 1)
        return messages.ListStateBackendsResponse(
            state_backends=[backend_message(record) for record in found[:size]],
            next_page_token=token_of(found[size - 1].uid) if len(found) > size else "",
        )

    async def ListStateVersions(
        self, request: messages.ListStateVersionsRequest, context: Any
    ) -> messages.ListStateVersionsResponse:
        backend = await self._backend(request.parent, "parent")
        size = page_size(request.page_size)
        before = token_number(request.page_token, below=2**63)
        found = await self._backends.versions(backend.uid, before=before, limit=size + 1)
        return messages.ListStateVersionsResponse(
            state_versions=[version_message(backend, version) for version in found[:size]],
            next_page_token=token_of(str(found[size - 1].id)) if len(found) > size else "",
        )

    async def RecordStateVersion(
        self, request: messages.RecordStateVersionRequest, context: Any
    ) -> resources.StateVersion:
        check_version(request)
        backend = await self._backend(request.parent, "parent")
        version = version_record(backend.uid, request.state_version)
        recorded = await self._backends.record_version(version, request.lease_key)
        if recorded is None:
            raise _lost(request.lease_key)
        return version_message(backend, recorded)

    async def AcquireLease(self, request: messages.AcquireLeaseRequest, context: Any) -> resources.Lease:
        leased(request.key)
        require_texts(holder=request.holder, run=request.run)
        seconds = lease_seconds(request.duration_milliseconds)
        record = await self._leases.take(request.key, holder=request.holder, run=request.run, seconds=seconds)
        if record is not None:
            return lease_message(record)
        present = await self._leases.find(request.key)
        remaining = max(present.remaining_seconds, 0.0) if present is not None else 0.0
        raise Failure(
            "LEASE_HELD",
            f"{request.key} is held by {(present.holder if present is not None else '') or 'another'}.",
            kind=Kind.ABORTED,
            retryable=True,
            actor=Actor.NOBODY,
            remedy="Ask again when it has run out.",
            resource_address=request.key,
            retry_after_seconds=remaining,
        )

    async def RenewLease(self, request: messages.RenewLeaseRequest, context: Any) -> resources.Lease:
        leased(request.key)
        require_texts(holder=request.holder)
        seconds = lease_seconds(request.duration_milliseconds)
        try:
            await self._leases.renew(HeldLease(request.key, request.fence), holder=request.holder, seconds=seconds)
        except LeaseLost as error:
            raise _lost(request.key) from error
        return await self._lease(request.key)

    async def ReleaseLease(self, request: messages.ReleaseLeaseRequest, context: Any) -> messages.ReleaseLeaseResponse:
        leased(request.key)
        require_texts(holder=request.holder)
        await self._leases.release(HeldLease(request.key, request.fence), holder=request.holder)
        return messages.ReleaseLeaseResponse()

    async def GetLease(self, request: messages.GetLeaseRequest, context: Any) -> resources.Lease:
        leased(request.key)
        return await self._lease(request.key)

    async def GetStateLock(self, request: messages.GetStateLockRequest, context: Any) -> resources.StateLock:
        backend = await self._backend(request.name, "name")
        leases = await self._leases.below(request.name)
        held = await self._stores.open(backend).holder()
        return resources.StateLock(
            name=request.name,
            leases=[lease_message(lease) for lease in leases],
            lock_object=None if held is None else lock_object_message(held),
        )

    async def Unlock(self, request: messages.UnlockRequest, context: Any) -> messages.UnlockResponse:
        name = unlocked(request.key, request.lock_id)
        require_texts(reason=request.reason)
        backend = await self._backend(name, "key")
        author, reason = current_principal().subject, request.reason
        if request.lock_id:
            await self._locks.break_lock_object(
                backend, request.lock_id, author=author, reason=reason, force=request.force
            )
        else:
            await self._locks.break_lease(backend, request.key, author=author, reason=reason, force=request.force)
        return messages.UnlockResponse()

    async def RollBackState(self, request: messages.RollBackStateRequest, context: Any) -> resources.StateVersion:
        version_of(request.name, "name")
        require_texts(reason=request.reason)
        backend, version = await self._version(request.name, "name")
        author = current_principal().subject
        made = await self._roll_backs.roll_back(backend, version, author=author, reason=request.reason)
        return version_message(backend, made)

    async def GetStateVersion(self, request: messages.GetStateVersionRequest, context: Any) -> resources.StateVersion:
        backend, version = await self._version(request.name, "name")
        if not request.content:
            return version_message(backend, version)
        document = redact(await load(self._stores.open(backend), backend, version))
        return version_message(backend, version, json.dumps(document, indent=2))

    async def CompareStateVersions(
        self, request: messages.CompareStateVersionsRequest, context: Any
    ) -> messages.CompareStateVersionsResponse:
        name, identifier = version_of(request.name, "name")
        if request.base:
            same_backend(name, version_of(request.base, "base")[0])
        backend, version = await self._version(request.name, "name")
        if request.base:
            base: StateVersionRecord | None = (await self._version(request.base, "base"))[1]
        else:
            base = next(iter(await self._backends.versions(backend.uid, before=identifier, limit=1)), None)
        store = self._stores.open(backend)
        after = await load(store, backend, version)
        before = await load(store, backend, base) if base is not None else {}
        return messages.CompareStateVersionsResponse(
            base=None if base is None else version_message(backend, base),
            state_version=version_message(backend, version),
            changes=[change_message(change) for change in compare(before, after)],
        )

    async def ListAuditRecords(
        self, request: messages.ListAuditRecordsRequest, context: Any
    ) -> messages.ListAuditRecordsResponse:
        backend = await self._backend(request.parent, "parent")
        size = page_size(request.page_size)
        before = token_number(request.page_token, below=2**63)
        found = await self._audit.page(backend.uid, before=before, limit=size + 1)
        return messages.ListAuditRecordsResponse(
            audit_records=[audit_message(backend, record) for record in found[:size]],
            next_page_token=token_of(str(found[size - 1].id)) if len(found) > size else "",
        )

    async def _version(self, name: str, field: str) -> tuple[StateBackendRecord, StateVersionRecord]:
        parent, identifier = version_of(name, field)
        backend = await self._backend(parent, field)
        version = await self._backends.version(backend.uid, identifier)
        if version is None:
            raise Failure(
                "STATE_VERSION_NOT_FOUND",
                f"There is no state version {name}.",
                kind=Kind.NOT_FOUND,
                actor=Actor.CUSTOMER,
                remedy="ListStateVersions names those that there are.",
                resource_address=name,
            )
        return backend, version

    async def _lease(self, key: str) -> resources.Lease:
        record = await self._leases.find(key)
        if record is None:
            raise lease_not_found(key)
        return lease_message(record)

    async def _backend(self, name: str, field: str) -> StateBackendRecord:
        parts = parse_name(BACKEND, name, field)
        current_principal().require(parts["workspace"])
        record = await self._backends.find(parts["workspace"], parts["uid"])
        if record is None:
            raise Failure(
                "STATE_BACKEND_NOT_FOUND",
                f"There is no state backend {name}.",
                kind=Kind.NOT_FOUND,
                actor=Actor.CUSTOMER,
                remedy="ListStateBackends names those that there are.",
                resource_address=name,
            )
        return record


def _lost(key: str) -> Failure:
    return Failure(
        "LEASE_LOST",
        f"The lease on {key} is not held under that fence.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.NOBODY,
        remedy="Stop the run; its next owner goes on.",
        resource_address=key,
    )
