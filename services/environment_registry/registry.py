"""The use cases: what a client may ask of the registry. Knows records, the lifecycle and the repository; no gRPC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_pb2, environment_service_pb2
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec
from provisioning.environment.v1.operation_pb2 import OperationMetadata
from provisioning.environment.v1.planned_change_pb2 import IMPACT_DISRUPTIVE, IMPACT_IN_PLACE
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database
from libs.telemetry import current_traceparent, span
from services.environment_registry import refusals, rendering
from services.environment_registry.commits import Commits
from services.environment_registry.documents import (
    Change,
    check_document,
    field_changes,
    merged,
    with_built_versions,
)
from services.environment_registry.lifecycle import MOVING, Command, Course, Kind, Stage, Verdict
from services.environment_registry.names import (
    ID_RULE,
    EnvironmentName,
    OperationName,
    id_is_legal,
    new_external_id,
    new_operation_id,
    new_uid,
    parse_environment,
    parse_operation,
    parse_parent,
)
from services.environment_registry.process import ProcessManager
from services.environment_registry.records import EnvironmentRecord, OperationRecord, Verb
from services.environment_registry.repository import environments, operations, requests

_RETRYABLE = (Course.FAILED, Course.CANCELLED)
_CREDENTIALS = {
    environment_service_pb2.CREDENTIAL_POSTGRES_PASSWORD: "postgres_password",
    environment_service_pb2.CREDENTIAL_REDIS_AUTH_TOKEN: "redis_auth_token",
    environment_service_pb2.CREDENTIAL_WORKSPACE_STORAGE_KEY: "workspace_storage_key",
}


class Registry:
    """Accepts wishes. Every method commits before it answers, whatever becomes of the call that asked.

    Args:
        wake: called after a commit that wrote events.
    """

    def __init__(self, database: Database, manager: ProcessManager, wake: Callable[[], None]) -> None:
        self._manager = manager
        self._commits = Commits(database, wake)

    async def issue_external_id(self, parent: str) -> str:
        """Answer the workspace's external id; made at the first call, the same ever after."""
        workspace = parse_parent(parent)
        return await self._commits.commit(
            lambda connection: requests.issue_external_id(connection, workspace, new_external_id())
        )

    async def create(self, request: environment_service_pb2.CreateEnvironmentRequest) -> operations_pb2.Operation:
        """Accept a document. Raises DOCUMENT_INVALID, DOCUMENT_NOT_SUPPORTED, ENVIRONMENT_EXISTS."""
        workspace = parse_parent(request.parent)
        if not id_is_legal(request.environment_id):
            raise refusals.environment_id_invalid(request.environment_id, ID_RULE)
        name = EnvironmentName(workspace, request.environment_id)
        if request.environment.name not in ("", str(name)):
            raise refusals.name_differs(str(name))

        async def work(connection: AsyncConnection) -> operations_pb2.Operation:
            issued = await requests.external_id_of(connection, workspace)
            check_document(request.environment.spec, issued_external_id=issued)
            now = self._manager.clock()
            record = EnvironmentRecord(
                uid=new_uid(),
                workspace=workspace,
                environment_id=request.environment_id,
                spec=request.environment.spec.SerializeToString(deterministic=True),
                external_id=issued,
                created_at=now,
                updated_at=now,
            )
            if request.validate_only:
                if await environments.name_is_taken(connection, workspace, request.environment_id):
                    raise refusals.environment_exists(str(name))
                return rendering.checked_operation(_as_wished(record))
            if not issued:
                record.external_id = await requests.issue_external_id(connection, workspace, new_external_id())
            if not await environments.insert_environment(connection, record, b""):
                raise refusals.environment_exists(str(name))
            undo = request.on_create_failure == environment_service_pb2.ON_CREATE_FAILURE_DESTROY
            return await self._open(connection, record, Verb.CREATE, Kind.CREATE, undo_if_failed=undo)

        return await self._commits.once(workspace, request.request_id, request, request.validate_only, work)

    async def delete(self, request: environment_service_pb2.DeleteEnvironmentRequest) -> operations_pb2.Operation:
        """Let an environment be gone. Raises ENVIRONMENT_NOT_FOUND, ETAG_MISMATCH, DELETION_PROTECTED."""
        name = parse_environment(request.name)

        async def work(connection: AsyncConnection) -> operations_pb2.Operation:
            record = await self._locked(connection, name, request.etag)
            if EnvironmentSpec.FromString(record.spec).deletion_protection:
                raise refusals.deletion_protected(record.name)
            if request.validate_only:
                return rendering.checked_operation(rendering.environment_message(record))
            record.remove_state_bucket = request.remove_state_bucket
            return await self._open(connection, record, Verb.DELETE, Kind.DELETE)

        return await self._commits.once(name.workspace, request.request_id, request, request.validate_only, work)

    async def update(self, request: environment_service_pb2.UpdateEnvironmentRequest) -> operations_pb2.Operation:
        """Accept a changed document. Raises what `create` raises of a document, UPDATE_MASK_INVALID,
        ENVIRONMENT_NOT_FOUND, ETAG_MISMATCH, OPERATION_RUNNING, CHANGE_IMPOSSIBLE."""
        name = parse_environment(request.environment.name, "environment.name")

        async def work(connection: AsyncConnection) -> operations_pb2.Operation:
            record = await self._locked(connection, name, request.environment.etag)
            _require_idle(record)
            present = EnvironmentSpec.FromString(record.spec)
            wished = merged(present, request.environment.spec, request.update_mask.paths)
            check_document(wished, issued_external_id=record.external_id)
            details = _changes(record, wished)
            record.spec = wished.SerializeToString(deterministic=True)
            record.generation += 1
            record.allow_data_loss = request.allow_data_loss
            if request.validate_only:
                return rendering.checked_operation(_as_wished(record), details)
            return await self._open(connection, record, Verb.UPDATE, Kind.UPDATE, details)

        return await self._commits.once(name.workspace, request.request_id, request, request.validate_only, work)

    async def rotate(self, request: environment_service_pb2.RotateCredentialsRequest) -> operations_pb2.Operation:
        """Accept a rotation. Raises CREDENTIALS_MISSING, ENVIRONMENT_NOT_FOUND, ETAG_MISMATCH, OPERATION_RUNNING,
        ENVIRONMENT_STATE_WRONG."""
        name = parse_environment(request.name)
        fields = {_CREDENTIALS[one] for one in request.credentials if one in _CREDENTIALS}
        if not fields:
            raise refusals.credentials_missing()

        async def work(connection: AsyncConnection) -> operations_pb2.Operation:
            record = await self._locked(connection, name, request.etag)
            _require_idle(record)
            if record.vector.course is not Course.ACTIVE:
                raise refusals.state_wrong(record.name, _state(record), ("ACTIVE",))
            raised = {field: getattr(record.credentials, field) + 1 for field in fields}
            record.credentials = replace(record.credentials, **raised)
            record.allow_data_loss = False
            if request.validate_only:
                return rendering.checked_operation(_as_wished(record))
            return await self._open(connection, record, Verb.ROTATE, Kind.UPDATE)

        return await self._commits.once(name.workspace, request.request_id, request, request.validate_only, work)

    async def retry(self, request: environment_service_pb2.RetryEnvironmentRequest) -> operations_pb2.Operation:
        """Go on where an environment stopped. Raises ENVIRONMENT_NOT_FOUND, ENVIRONMENT_STATE_WRONG, ETAG_MISMATCH."""
        name = parse_environment(request.name)

        async def work(connection: AsyncConnection) -> operations_pb2.Operation:
            record = await self._locked(connection, name, request.etag)
            if record.vector.course not in _RETRYABLE:
                raise refusals.state_wrong(record.name, _state(record), ("FAILED", "CANCELLED"))
            if request.validate_only:
                return rendering.checked_operation(rendering.environment_message(record))
            return await self._open(connection, record, Verb.RETRY, Kind.RETRY)

        return await self._commits.once(name.workspace, request.request_id, request, request.validate_only, work)

    async def cancel(self, operation_name: str) -> None:
        """Ask an operation to end at the next checkpoint; harmless when that was asked before.

        Raises OPERATION_NOT_FOUND, and OPERATION_DONE when it has ended otherwise.
        """
        name = parse_operation(operation_name)

        async def work(connection: AsyncConnection) -> None:
            operation = await self._operation(connection, name)
            record = await environments.lock_uid(connection, operation.uid)
            # Once more under the lock: it may have ended while the lock was waited for.
            operation = await self._operation(connection, name)
            if record is None or operation.done:
                if operation.requested_cancellation:
                    return
                raise refusals.operation_done(str(name))
            await self._manager.take(connection, record, operation, Command(Kind.CANCEL, operation.id))

        await self._commits.commit(work)

    async def forget(self, operation_name: str) -> None:
        """Remove an operation that has ended. Raises OPERATION_NOT_FOUND, OPERATION_RUNNING."""
        name = parse_operation(operation_name)
        forgotten = ""

        async def work(connection: AsyncConnection) -> None:
            nonlocal forgotten
            if forgotten and await operations.load_operation(connection, forgotten) is None:
                return  # by the commit that was not answered
            operation = await self._operation(connection, name)
            if not operation.done:
                raise refusals.operation_running(str(name))
            await operations.forget_operation(connection, operation.id)
            forgotten = operation.id

        await self._commits.commit(work)

    async def _operation(self, connection: AsyncConnection, name: OperationName) -> OperationRecord:
        operation = await operations.load_operation(connection, name.operation)
        if operation is None or operation.workspace != name.workspace:
            raise refusals.operation_not_found(str(name))
        return operation

    async def _locked(self, connection: AsyncConnection, name: EnvironmentName, etag: str) -> EnvironmentRecord:
        record = await environments.lock_newest(connection, name.workspace, name.environment)
        if record is None or not record.live:
            raise refusals.environment_not_found(str(name))
        if etag and etag != record.etag:
            raise refusals.etag_mismatch(str(name), record.etag)
        return record

    async def _open(
        self,
        connection: AsyncConnection,
        record: EnvironmentRecord,
        verb: Verb,
        kind: Kind,
        details: OperationMetadata | None = None,
        *,
        undo_if_failed: bool = False,
    ) -> operations_pb2.Operation:
        """Start an operation, or answer the running one that already does what is wished."""
        before = await operations.load_operation(connection, record.vector.operation)
        links = (before.traceparent,) if before is not None else ()
        attributes = {"beta9.environment.name": record.name, "beta9.environment.uid": record.uid}
        with span(f"accept {verb.value}", attributes=attributes, links=links):
            operation = OperationRecord(
                id=new_operation_id(),
                workspace=record.workspace,
                uid=record.uid,
                environment_id=record.environment_id,
                verb=verb,
                traceparent=current_traceparent(),
                created_at=self._manager.clock(),
                details=details.SerializeToString() if details is not None else b"",
            )
            command = Command(kind, operation.id, undo_if_failed)
            transition = await self._manager.take(connection, record, operation, command)
        if transition.verdict is Verdict.JOINED and before is not None:
            return rendering.operation_message(before, record)
        return rendering.operation_message(operation, record)


def _require_idle(record: EnvironmentRecord) -> None:
    """Raise OPERATION_RUNNING while one runs, and ENVIRONMENT_STATE_WRONG of what is to be gone."""
    if record.vector.course in MOVING:
        raise refusals.busy(record.name, f"workspaces/{record.workspace}/operations/{record.vector.operation}")
    if record.vector.absent_wished:
        raise refusals.state_wrong(record.name, f"{_state(record)} while it is deleted", ("ACTIVE",))


def _state(record: EnvironmentRecord) -> str:
    name = environment_pb2.EnvironmentState.Name(rendering.state_of(record.vector))
    return name.removeprefix("ENVIRONMENT_STATE_")


def _changes(record: EnvironmentRecord, wished: EnvironmentSpec) -> OperationMetadata:
    """Answer what an update changes. Raises CHANGE_IMPOSSIBLE with every field that cannot.

    Of what was never begun in the account anything can change.
    """
    present = EnvironmentSpec.FromString(record.built_spec or record.spec)
    outputs = environment_pb2.EnvironmentOutputs.FromString(record.outputs)
    present, wished = with_built_versions(present, outputs), with_built_versions(wished, outputs)
    found = field_changes(present, wished, outputs.cluster_version)
    if record.vector.asked(Stage.STATE_BACKEND):
        impossible = {f"environment.spec.{one.path}": one.why for one in found if one.change is Change.IMPOSSIBLE}
        if impossible:
            raise refusals.change_impossible(record.name, impossible)
    metadata = OperationMetadata(target=record.name)
    for one in found:
        impact = IMPACT_DISRUPTIVE if one.change is Change.DISRUPTIVE else IMPACT_IN_PLACE
        metadata.field_changes.add(path=f"spec.{one.path}", impact=impact)
    return metadata


def _as_wished(record: EnvironmentRecord) -> environment_pb2.Environment:
    """Answer an environment that is only checked: it has no uid, operation or etag yet."""
    wished = rendering.environment_message(replace(record, uid=""))
    for field in ("operation", "etag", "state", "create_time", "update_time"):
        wished.ClearField(field)
    return wished
