"""Attempts and changes as the contract's messages."""

from provisioning.environment.v1.planned_change_pb2 import PlannedChange
from provisioning.infra.v1 import deployment_pb2 as resources

from libs.grpckit.requests import timestamp
from libs.stages import Attempt, AttemptState
from libs.stages.rendering import attempt_failure, hand_over_of, stage_state
from services.infra_engine.changes import Change, Progress
from services.infra_engine.deployments import Deployment
from services.infra_engine.impact import WeighedChange
from services.infra_engine.outputs import outputs_message


def deployment_name(of: Attempt | Deployment) -> str:
    return f"workspaces/{of.workspace}/deployments/{of.uid}"


def revision_name(attempt: Attempt) -> str:
    return f"{deployment_name(attempt)}/revisions/{attempt.id}"


def deployment_message(deployment: Deployment) -> resources.Deployment:
    name = deployment_name(deployment)
    return resources.Deployment(
        name=name,
        environment=deployment.environment,
        latest_revision=f"{name}/revisions/{deployment.latest_revision}",
        state=stage_state(AttemptState(deployment.state)),
        outputs=outputs_message(deployment.outputs),
        create_time=timestamp(deployment.created_at),
    )


def revision_message(attempt: Attempt, progress: Progress) -> resources.Revision:
    return resources.Revision(
        name=revision_name(attempt),
        hand_over=hand_over_of(attempt),
        state=stage_state(attempt.state),
        step=attempt.step,
        resources_done=progress.done,
        resources_planned=progress.planned,
        failure=attempt_failure(attempt),
        stack_version=str(attempt.data.get("stack_version", "")),
        fence=attempt.fence,
        create_time=timestamp(attempt.created_at),
        end_time=timestamp(attempt.ended_at),
    )


def change_message(attempt: Attempt, change: Change) -> resources.ResourceChange:
    return resources.ResourceChange(
        name=f"{revision_name(attempt)}/resourceChanges/{change.number}",
        address=change.address,
        type=change.type,
        intent=f"INTENT_{change.intent.value}",
        state=f"RESOURCE_CHANGE_STATE_{change.state.value}",
        resource_id=change.resource_id,
        error=change.error,
        start_time=timestamp(change.started_at),
        end_time=timestamp(change.ended_at),
        impact=f"IMPACT_{change.impact.value}",
    )


def weighed_message(change: WeighedChange) -> PlannedChange:
    return PlannedChange(
        address=change.address, action=change.action, impact=f"IMPACT_{change.impact.value}", paths=change.paths
    )
