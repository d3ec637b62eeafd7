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
from provisioning.state.v1.state_backend_pb2 import StateLocation

from libs.aws_access.messages import access_of
from libs.aws_access.sessions import prove_external_id_required, session_for
from libs.stages import Flow, Step, StepContext
from services.state_backend_manager.buckets import Buckets
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


def state_key(workspace: str, uid: str) -> str:
    """The state object's key: by workspace and uid, so that a name that is used again never meets an old state."""
    return f"workspaces/{workspace}/environments/{uid}/terraform.tfstate"


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
        access = access_of(context.request_as(StateBackendRequested).access)
        bucket = await asyncio.to_thread(self._buckets.ensure, access)
        await context.save(bucket=bucket)
        context.log(f"state bucket {bucket} is versioned, encrypted and private")

    async def record_backend(self, context: StepContext) -> None:
        location = self._location(context)
        attempt = context.attempt
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
            access=access_of(context.request_as(StateBackendRequested).access),
        )
        await self._repository.add(record)

    def ready(self, context: StepContext) -> StateBackendReady:
        hand_over = context.request_as(StateBackendRequested).hand_over
        return StateBackendReady(hand_over=hand_over, location=self._location(context))

    async def release_backend(self, context: StepContext) -> None:
        await self._repository.release(context.attempt.uid)
        record = await self._repository.find(context.attempt.workspace, context.attempt.uid)
        if record is not None and record.serial:
            await context.save(kept=f"s3://{record.bucket}/{record.key}")

    def released(self, context: StepContext) -> StateBackendReleased:
        answer = StateBackendReleased(hand_over=context.request_as(ReleaseRequested).hand_over)
        if kept := context.text("kept"):
            why = "The versions of the Terraform state are kept for 180 days, to look into what was built."
            answer.kept.append(KeptResource(resource=kept, reason=why))
        return answer

    @staticmethod
    def _location(context: StepContext) -> StateLocation:
        region = context.request_as(StateBackendRequested).access.region
        key = state_key(context.attempt.workspace, context.attempt.uid)
        return StateLocation(bucket=context.text("bucket"), key=key, region=region)
