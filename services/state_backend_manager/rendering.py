"""Records as the contract's messages, and back."""

import re

from provisioning.state.v1 import state_backend_pb2 as resources

from libs.grpckit.requests import timestamp
from libs.state_stores import LockObject
from libs.state_stores.messages import location_message
from services.state_backend_manager.audit_repository import AuditRecord
from services.state_backend_manager.comparison import StateChange
from services.state_backend_manager.lease_repository import LeaseRecord
from services.state_backend_manager.repository import StateBackendRecord, StateVersionRecord

_OPERATION = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-")


def backend_name(record: StateBackendRecord) -> str:
    return f"workspaces/{record.workspace}/stateBackends/{record.uid}"


def backend_message(record: StateBackendRecord) -> resources.StateBackend:
    return resources.StateBackend(
        name=backend_name(record),
        environment=record.environment,
        location=location_message(record.location),
        serial=record.serial,
        released=record.released,
        create_time=timestamp(record.created_at),
    )


def version_message(
    backend: StateBackendRecord, version: StateVersionRecord, content: str = ""
) -> resources.StateVersion:
    versions = f"{backend_name(backend)}/stateVersions"
    return resources.StateVersion(
        name=f"{versions}/{version.id}",
        lineage=version.lineage,
        serial=version.serial,
        etag=version.etag,
        object_version=version.object_version,
        sha256=version.sha256,
        size_bytes=version.size_bytes,
        run=version.run,
        fence=version.fence,
        resources=version.resources,
        create_time=timestamp(version.created_at),
        author=version.author,
        reason=version.reason,
        restored=f"{versions}/{version.restored}" if version.restored else "",
        content=content,
    )


def version_record(uid: str, version: resources.StateVersion) -> StateVersionRecord:
    return StateVersionRecord(
        uid=uid,
        lineage=version.lineage,
        serial=version.serial,
        etag=version.etag,
        object_version=version.object_version,
        sha256=version.sha256,
        size_bytes=version.size_bytes,
        run=version.run,
        fence=version.fence,
        resources=version.resources,
    )


def lease_message(record: LeaseRecord) -> resources.Lease:
    return resources.Lease(
        key=record.key,
        holder=record.holder,
        fence=record.fence,
        run=record.run,
        remaining_milliseconds=max(0, int(record.remaining_seconds * 1000)),
        acquire_time=timestamp(record.acquired_at),
        operation=_operation(record),
        heartbeat_time=timestamp(record.renewed_at),
        heartbeat_age_milliseconds=int(record.heartbeat_seconds * 1000),
        age_milliseconds=int(record.age_seconds * 1000),
    )


def lock_object_message(lock: LockObject) -> resources.LockObject:
    return resources.LockObject(
        id=lock.id, who=lock.who, operation=lock.operation, created=lock.created, ours=lock.ours
    )  # fmt: skip


def change_message(change: StateChange) -> resources.StateChange:
    return resources.StateChange(
        address=change.address,
        kind=f"STATE_CHANGE_KIND_{change.kind.value}",
        attributes=[
            resources.AttributeChange(path=path, before=before, after=after)
            for path, before, after in change.attributes
        ],
    )


def audit_message(backend: StateBackendRecord, record: AuditRecord) -> resources.AuditRecord:
    return resources.AuditRecord(
        name=f"{backend_name(backend)}/auditRecords/{record.id}",
        action=record.action,
        author=record.author,
        reason=record.reason,
        subject=record.subject,
        outcome=record.outcome,
        detail=record.detail,
        create_time=timestamp(record.created_at),
    )


def _operation(record: LeaseRecord) -> str:
    """An attempt's id begins with its operation's, which is a UUID."""
    match = _OPERATION.match(record.run)
    return f"{'/'.join(record.key.split('/')[:2])}/operations/{match[1]}" if match else ""
