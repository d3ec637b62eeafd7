"""What the stages' events do to environments. Runs in the inbox's transaction."""

from __future__ import annotations

from dataclasses import replace

from google.protobuf.message import Message
from provisioning.bootstrap.v1 import events_pb2 as bootstrap_events
from provisioning.environment.v1 import environment_pb2, failure_pb2, hand_over_pb2, operation_pb2
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec
from provisioning.infra.v1 import events_pb2 as infra_events
from provisioning.state.v1 import events_pb2 as state_events
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import IncomingEvent
from libs.eventing.subjects import EVENTS_PREFIX
from libs.failures import Failure
from libs.grpckit import failure_to_proto
from services.environment_registry import refusals
from services.environment_registry.lifecycle import Answer, Kind, Stage
from services.environment_registry.names import EnvironmentName
from services.environment_registry.process import ProcessManager
from services.environment_registry.records import EnvironmentRecord, Kept, OperationRecord
from services.environment_registry.repository import environments, operations
from services.environment_registry.repository.existing_clusters import claim_cluster

SUBJECTS = [f"{EVENTS_PREFIX}.*.*.{area}.>" for area in ("state", "infra", "bootstrap")]
"""Every event of the stages."""

_KINDS: dict[type[Message], Kind] = {
    hand_over_pb2.StepChanged: Kind.STEP,
    hand_over_pb2.StageFailed: Kind.FAILED,
    hand_over_pb2.StageStopped: Kind.STOPPED,
    infra_events.PreflightPassed: Kind.SUCCEEDED,
    infra_events.ClusterAvailable: Kind.CLUSTER_AVAILABLE,
    infra_events.BackendsAvailable: Kind.BACKENDS_AVAILABLE,
    infra_events.DeploymentApplied: Kind.SUCCEEDED,
    infra_events.DeploymentDestroyed: Kind.SUCCEEDED,
    state_events.StateBackendReady: Kind.SUCCEEDED,
    state_events.StateBackendReleased: Kind.SUCCEEDED,
    bootstrap_events.BaselineBootstrapped: Kind.SUCCEEDED,
    bootstrap_events.ClusterBootstrapped: Kind.SUCCEEDED,
    bootstrap_events.ClusterDrained: Kind.SUCCEEDED,
}
_COUNTS = (infra_events.DeploymentPlanned, infra_events.ResourceChanged)
_WITH_OUTPUTS = (
    infra_events.ClusterAvailable,
    infra_events.BackendsAvailable,
    infra_events.DeploymentApplied,
    bootstrap_events.ClusterBootstrapped,
)
_WITH_KEPT = (bootstrap_events.ClusterDrained, infra_events.DeploymentDestroyed, state_events.StateBackendReleased)


class StageEvents:
    """Applies the stages' events. What is not of the newest attempt changes nothing."""

    def __init__(self, manager: ProcessManager) -> None:
        self._manager = manager

    async def handle(self, connection: AsyncConnection, event: IncomingEvent) -> None:
        """Apply one event in the transaction that remembers it."""
        message = event.message
        kind = _KINDS.get(type(message))
        counts = isinstance(message, _COUNTS)
        if kind is None and not counts:
            return  # of a newer release, or none of the registry's business
        key: hand_over_pb2.HandOver = message.hand_over  # type: ignore[attr-defined]
        if key.stage not in set(Stage):
            return
        record = await environments.lock_uid(connection, key.uid)
        if record is None:
            return
        if kind is None:
            await self._count(connection, record, key, message)
        else:
            await self._answer(connection, record, key, kind, message)

    async def _answer(
        self,
        connection: AsyncConnection,
        record: EnvironmentRecord,
        key: hand_over_pb2.HandOver,
        kind: Kind,
        message: Message,
    ) -> None:
        answer = Answer(kind, Stage(key.stage), key.operation, key.attempt)
        if isinstance(message, hand_over_pb2.StepChanged):
            answer = replace(
                answer, step=message.step, retries=message.retries, waiting_for=message.waiting_for
            )  # fmt: skip
        if not _is_open(record, answer):
            return
        _learn(record, message)
        failure: failure_pb2.Failure | None = None
        if isinstance(message, hand_over_pb2.StageFailed):
            failure = message.failure
        elif isinstance(message, infra_events.PreflightPassed) and (refusal := await _occupied(connection, record)):
            answer, failure = replace(answer, kind=Kind.FAILED), failure_to_proto(refusal)
        operation = await operations.load_operation(connection, record.vector.operation)
        if operation is None:
            return
        if operation.id == key.operation:
            _note_existing(operation, message)
        await self._manager.take(connection, record, operation, answer, failure=failure)

    async def _count(
        self,
        connection: AsyncConnection,
        record: EnvironmentRecord,
        key: hand_over_pb2.HandOver,
        message: Message,
    ) -> None:
        """Note how many resources are done; most events of a resource change no count, and write nothing."""
        entry = record.vector.entry(Stage(key.stage))
        if not entry.in_flight or (entry.operation, entry.attempt) != (key.operation, key.attempt):
            return
        operation = await operations.load_operation(connection, record.vector.operation)
        if operation is None or operation.id != key.operation or operation.done:
            return
        if isinstance(message, infra_events.ResourceChanged):
            counts = (message.resources_done, message.resources_planned)
        elif isinstance(message, infra_events.DeploymentPlanned):
            counts = (0, message.resources_planned)
        # They only rise within an operation, so that one which was overtaken on the way takes nothing back.
        counts = (max(counts[0], operation.resources_done), max(counts[1], operation.resources_planned))
        told = isinstance(message, infra_events.DeploymentPlanned) and message.changes
        if counts == (operation.resources_done, operation.resources_planned) and not told:
            return
        operation.resources_done, operation.resources_planned = counts
        if isinstance(message, infra_events.DeploymentPlanned):
            _note_changes(operation, message)
        await self._manager.save(connection, record, operation)


async def _occupied(connection: AsyncConnection, record: EnvironmentRecord) -> Failure | None:
    """Claim the customer's cluster that the document names, or answer why an environment that is new may not have it.

    The pre-flight sees who is in a cluster already, and not who is about to be. It has just shown that the workspace
    has the account, so that nobody can keep another's cluster from them.
    """
    spec = EnvironmentSpec.FromString(record.spec)
    if not spec.cluster.use_existing:
        return None
    name = spec.cluster.existing_cluster_name
    holder = await claim_cluster(
        connection, record.uid, account_id=spec.cloud.account_id, region=spec.cloud.region, cluster=name
    )
    if holder is None or record.built_spec:
        return None
    workspace, environment = holder
    return refusals.cluster_occupied(
        name, str(EnvironmentName(workspace, environment)) if workspace == record.workspace else ""
    )


def _note_existing(operation: OperationRecord, message: Message) -> None:
    """Keep how many cloud resources are there by an end of the deployment or of its destroy."""
    count: int | None = None
    if isinstance(message, hand_over_pb2.StageStopped | hand_over_pb2.StageFailed):
        count = message.resources_existing if message.HasField("resources_existing") else None
    elif isinstance(message, infra_events.DeploymentApplied):
        count = message.resources
    elif isinstance(message, infra_events.DeploymentDestroyed):
        count = 0
    if count is not None:
        details = operation_pb2.OperationMetadata.FromString(operation.details)
        details.resources_existing = count
        operation.details = details.SerializeToString()


def _note_changes(operation: OperationRecord, planned: infra_events.DeploymentPlanned) -> None:
    """Keep what the newest plan changes beside creating."""
    details = operation_pb2.OperationMetadata.FromString(operation.details)
    del details.planned_changes[:]
    details.planned_changes.extend(planned.changes)
    operation.details = details.SerializeToString()


def _is_open(record: EnvironmentRecord, answer: Answer) -> bool:
    entry = record.vector.entry(answer.stage)
    return entry.in_flight and (entry.operation, entry.attempt) == (answer.operation, answer.attempt)


def _learn(record: EnvironmentRecord, message: Message) -> None:
    """Keep what an answer carries: where the state lives, what was built, what was left."""
    if isinstance(message, state_events.StateBackendReady):
        record.location = message.location.SerializeToString()
        _merge(
            record,
            environment_pb2.EnvironmentOutputs(state_bucket=message.location.bucket, state_key=message.location.key),
        )
    elif isinstance(message, _WITH_OUTPUTS):
        _merge(record, message.outputs)
    elif isinstance(message, _WITH_KEPT):
        record.keep(Kept(kept.resource, kept.reason) for kept in message.kept)


def _merge(record: EnvironmentRecord, news: environment_pb2.EnvironmentOutputs) -> None:
    """Add outputs; one that is empty in the news is not known there, so what was known stays."""
    outputs = environment_pb2.EnvironmentOutputs.FromString(record.outputs)
    outputs.MergeFrom(news)
    record.outputs = outputs.SerializeToString(deterministic=True)
