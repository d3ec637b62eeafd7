"""How this service serves its requests, step by step."""

import asyncio
from datetime import UTC, datetime

from provisioning.environment.v1.environment_pb2 import KeptResource
from provisioning.state.v1.events_pb2 import (
    ReleaseRequested,
    StateBackendReady,
    StateBackendReleased,
    StateBackendRequested,
)

from libs.aws_access.messages import access_of
from libs.aws_access.sessions import prove_external_id_required, session_for
from libs.stages import Flow, Step, StepContext
from libs.state_stores import StateLocation, StoreKind
from libs.state_stores.messages import location_message
from services.state_backend_manager.buckets import RETENTION_DAYS, Buckets
from services.state_backend_manager.places import ensure, location_for, retention_days
from services.state_backend_manager.repository import StateBackendRecord, StateBackendRepository


def flows(buckets: Buckets, repository: StateBackendRepository) -> dict[str, Flow]:
    """The flows by request type."""
    stage = _Stage(buckets, repository)
    ready = Flow(
        StateBackendRequested.DESCRIPTOR.full_name,
        (
            Step("prove_access", stage.prove_access),
            Step("ensure_bucket", stage.ensure_bucket),
            Step("record_backend", stage.record_backend),
        ),
        stage.ready,
    )
    released = Flow(
        ReleaseRequested.DESCRIPTOR.full_name, (Step("release_backend", stage.release_backend),), stage.released
    )
    return {flow.request_type: flow for flow in (ready, released)}


class _Stage:
    def __init__(self, buckets: Buckets, repository: StateBackendRepository) -> None:
        self._buckets = buckets
        self._repository = repository

    async def prove_access(self, context: StepContext) -> None:
        access = access_of(context.request_as(StateBackendRequested).access)
        # The refusal without the id proves something only of a role that can be assumed with it.
        await asyncio.to_thread(session_for, access, "state-backend-manager")
        await asyncio.to_thread(prove_external_id_required, access)
        context.log(f"{access.role_arn} can be assumed, and only with the external id")

    async def ensure_bucket(self, context: StepContext) -> None:
        request = context.request_as(StateBackendRequested)
        location = self._location(context)
        said = await ensure(self._buckets, access_of(request.access), location, retention_days(request.state))
        context.log(said)

    async def record_backend(self, context: StepContext) -> None:
        location = self._location(context)
        attempt = context.attempt
        request = context.request_as(StateBackendRequested)
        record = StateBackendRecord(
            attempt.uid,
            attempt.workspace,
            attempt.environment,
            location.bucket,
            location.key,
            location.region,
            released=False,
            created_at=datetime.now(UTC),
            serial=0,
            access=access_of(request.access),
            kind=location.kind,
            kms_key_arn=location.kms_key,
            dynamodb_table=location.dynamodb_table,
            retention_days=retention_days(request.state),
        )
        await self._repository.add(record)

    def ready(self, context: StepContext) -> StateBackendReady:
        hand_over = context.request_as(StateBackendRequested).hand_over
        return StateBackendReady(hand_over=hand_over, location=location_message(self._location(context)))

    async def release_backend(self, context: StepContext) -> None:
        attempt, request = context.attempt, context.request_as(ReleaseRequested)
        await self._repository.release(attempt.uid)
        record = await self._repository.find(attempt.workspace, attempt.uid)
        if record is None:
            return
        if request.remove_bucket:
            why = await self._remove_bucket(record, request)
            if not why:
                context.log(f"{record.bucket} is deleted, with every version of the state")
                return
            await context.save(bucket_uri=record.location.uri.removesuffix(f"/{record.key}"), bucket_why=why)
        if record.serial:
            days = f"{record.retention_days} days" if record.kind is not StoreKind.GCS else "as long as its bucket says"
            await context.save(kept=record.location.uri, kept_for=days)

    async def _remove_bucket(self, record: StateBackendRecord, request: ReleaseRequested) -> str:
        """Why the bucket is left; empty when it is gone."""
        if record.kind is StoreKind.GCS:
            return "It was not made by the platform."
        if others := await self._repository.others_in(record):
            return f"{len(others)} other environments have their state in it, {others[0]} among them."
        within = f"workspaces/{record.workspace}/environments/"
        return await asyncio.to_thread(self._buckets.remove, access_of(request.access), record.bucket, within)

    def released(self, context: StepContext) -> StateBackendReleased:
        answer = StateBackendReleased(hand_over=context.request_as(ReleaseRequested).hand_over)
        if kept := context.text("kept"):
            days = context.text("kept_for") or f"{RETENTION_DAYS} days"
            span = f"for {days}" if days[0].isdigit() else days
            why = f"The versions of the Terraform state are kept {span}, to look into what was built."
            answer.kept.append(KeptResource(resource=kept, reason=why))
        if why := context.text("bucket_why"):
            answer.kept.append(KeptResource(resource=context.text("bucket_uri"), reason=why))
        return answer

    @staticmethod
    def _location(context: StepContext) -> StateLocation:
        request, attempt = context.request_as(StateBackendRequested), context.attempt
        return location_for(access_of(request.access), request.state, attempt.workspace, attempt.uid)
