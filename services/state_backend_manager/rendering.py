"""Records as the contract's messages, and back."""

from provisioning.state.v1 import state_backend_pb2 as resources

from libs.grpckit.requests import timestamp
from services.state_backend_manager.lease_repository import LeaseRecord
from services.state_backend_manager.repository import StateBackendRecord, StateVersionRecord


def backend_name(record: StateBackendRecord) -> str:
    return f"workspaces/{record.workspace}/stateBackends/{record.uid}"


def backend_message(record: StateBackendRecord) -> resources.StateBackend:
    return resources.StateBackend(
        name=backend_name(record),
        environment=record.environment,
        location=resources.StateLocation(bucket=record.bucket, key=record.key, region=record.region),
        serial=record.serial,
        released=record.released,
        create_time=timestamp(record.created_at),
    )


def version_message(backend: StateBackendRecord, version: StateVersionRecord) -> resources.StateVersion:
    return resources.StateVersion(
        name=f"{backend_name(backend)}/stateVersions/{version.id}",
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
    )
