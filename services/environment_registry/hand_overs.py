"""The hand-overs: what each stage is asked, as events on the request subjects."""

from __future__ import annotations

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from provisioning.bootstrap.v1 import bootstrap_pb2
from provisioning.bootstrap.v1 import events_pb2 as bootstrap_events
from provisioning.environment.v1 import environment_pb2, environment_spec_pb2, hand_over_pb2
from provisioning.infra.v1 import events_pb2 as infra_events
from provisioning.state.v1 import events_pb2 as state_events
from provisioning.state.v1 import state_backend_pb2

from libs.eventing import OutgoingEvent, stage_request
from services.environment_registry import rendering
from services.environment_registry.documents import with_built_versions
from services.environment_registry.lifecycle import Ask, Stage, Stop
from services.environment_registry.records import EnvironmentRecord

SERVICE_OF = {
    Stage.PREFLIGHT: "infra_engine",
    Stage.STATE_BACKEND: "state_backend_manager",
    Stage.DEPLOYMENT: "infra_engine",
    Stage.BASELINE: "cluster_bootstrapper",
    Stage.BETA9: "cluster_bootstrapper",
    Stage.DRAIN: "cluster_bootstrapper",
    Stage.DESTROY: "infra_engine",
    Stage.RELEASE: "state_backend_manager",
}
"""The service that works on a stage."""

_OF_THE_CLUSTER = FieldMask(
    paths=["vpc_id", "cluster_name", "cluster_endpoint", "cluster_certificate_authority_data", "node_desired_size"]
)
"""The outputs that the baseline is given: those known from `cluster_available` on. More become known while it runs, and
a retry that asked with more would be another request, which begins at its first step instead of going on."""


def hand_over(record: EnvironmentRecord, work: Ask | Stop) -> hand_over_pb2.HandOver:
    """Answer the key of a hand-over."""
    return hand_over_pb2.HandOver(
        environment=record.name,
        uid=record.uid,
        operation=work.operation,
        stage=work.stage.value,
        attempt=work.attempt,
    )


def request_event(record: EnvironmentRecord, ask: Ask, traceparent: str) -> OutgoingEvent:
    """Answer the event that asks a stage; every call has a new event id, for the same hand-over."""
    return _event(record, ask.stage, _request(record, ask), traceparent)


def stop_event(record: EnvironmentRecord, stop: Stop, reason: str, traceparent: str) -> OutgoingEvent:
    """Answer the event that asks a stage to end an attempt at its next checkpoint."""
    message = hand_over_pb2.StopRequested(hand_over=hand_over(record, stop), reason=reason)
    return _event(record, stop.stage, message, traceparent)


def _event(record: EnvironmentRecord, stage: Stage, message: Message, traceparent: str) -> OutgoingEvent:
    return stage_request(
        message, stage=stage.value, environment=record.name, uid=record.uid, traceparent=traceparent
    )  # fmt: skip


def _request(record: EnvironmentRecord, ask: Ask) -> Message:
    key = hand_over(record, ask)
    spec = environment_spec_pb2.EnvironmentSpec.FromString(record.spec)
    access = hand_over_pb2.AwsAccess(
        account_id=spec.cloud.account_id,
        region=spec.cloud.region,
        role_arn=spec.cloud.role_arn,
        external_id=record.external_id,
    )
    outputs = environment_pb2.EnvironmentOutputs.FromString(record.outputs)
    location = state_backend_pb2.StateLocation.FromString(record.location)
    credentials = rendering.credential_versions(record)
    # The engine alone knows the defaults of its release, and is asked for them where nothing is built yet.
    settled = with_built_versions(spec, outputs)
    match ask.stage:
        case Stage.PREFLIGHT:
            request = infra_events.PreflightRequested(
                hand_over=key, access=access, spec=settled, generation=record.generation
            )
            if record.built_spec:
                built = environment_spec_pb2.EnvironmentSpec.FromString(record.built_spec)
                request.present.CopyFrom(with_built_versions(built, outputs))
            return request
        case Stage.STATE_BACKEND:
            return state_events.StateBackendRequested(hand_over=key, access=access, state=_state(spec))
        case Stage.DEPLOYMENT:
            return infra_events.DeploymentRequested(
                hand_over=key,
                access=access,
                spec=settled,
                generation=record.generation,
                location=location,
                # What was never whole holds nothing yet, and what an interrupt left half made is replaced.
                allow_data_loss=record.allow_data_loss or not record.built_spec,
                credential_versions=credentials,
            )
        case Stage.BASELINE | Stage.BETA9:
            baseline = ask.stage is Stage.BASELINE
            phase = bootstrap_pb2.PHASE_BASELINE if baseline else bootstrap_pb2.PHASE_BETA9
            bootstrap = bootstrap_events.BootstrapRequested(hand_over=key, access=access, spec=spec, phase=phase)
            if baseline:
                _OF_THE_CLUSTER.MergeMessage(outputs, bootstrap.outputs)
            else:
                bootstrap.outputs.CopyFrom(outputs)
                bootstrap.credential_versions.CopyFrom(credentials)
            return bootstrap
        case Stage.DRAIN:
            return bootstrap_events.DrainRequested(hand_over=key, access=access, spec=spec, outputs=outputs)
        case Stage.DESTROY:
            return infra_events.DestroyRequested(
                hand_over=key, access=access, spec=settled, generation=record.generation, location=location
            )
        case Stage.RELEASE:
            return state_events.ReleaseRequested(hand_over=key, access=access, remove_bucket=record.remove_state_bucket)


def _state(spec: environment_spec_pb2.EnvironmentSpec) -> environment_spec_pb2.StateSpec | None:
    """What the document says of the state, its key with it; None when it says nothing, as earlier releases asked."""
    state = environment_spec_pb2.StateSpec()
    state.CopyFrom(spec.state)
    if not state.gcs.bucket and not state.kms_key_arn:
        state.kms_key_arn = spec.cloud.kms_key_arn
    return state if state.ByteSize() else None
