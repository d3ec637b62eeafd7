"""How this service serves its requests, step by step."""

from collections.abc import Callable
from dataclasses import replace

from google.protobuf.message import Message
from provisioning.bootstrap.v1.bootstrap_pb2 import Phase
from provisioning.bootstrap.v1.events_pb2 import (
    BaselineBootstrapped,
    BootstrapRequested,
    ClusterBootstrapped,
    ClusterDrained,
    DrainRequested,
)
from provisioning.environment.v1.environment_pb2 import KeptResource

from libs.stages import Flow, Step, StepContext
from services.cluster_bootstrapper.baseline_steps import BaselineSteps
from services.cluster_bootstrapper.beta9_steps import Beta9Steps
from services.cluster_bootstrapper.drain_steps import DrainSteps
from services.cluster_bootstrapper.settings import BootstrapperSettings


def flows(settings: BootstrapperSettings) -> dict[str, Flow]:
    """The flows by request type; a bootstrap has those steps that its phase needs."""
    baseline, beta9, drain = BaselineSteps(settings), Beta9Steps(settings), DrainSteps(settings)
    bootstrap = Flow(
        BootstrapRequested.DESCRIPTOR.full_name,
        (
            *_only(Phase.PHASE_BASELINE, baseline.steps()),
            *_only(Phase.PHASE_BETA9, beta9.steps()),
        ),
        _bootstrapped,
    )
    drained = Flow(DrainRequested.DESCRIPTOR.full_name, drain.steps(), _drained)
    return {flow.request_type: flow for flow in (bootstrap, drained)}


def _only(phase: Phase, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(replace(step, applies=_in_phase(phase, step.applies)) for step in steps)


def _in_phase(phase: Phase, applies: Callable[[StepContext], bool]) -> Callable[[StepContext], bool]:
    return lambda context: context.request_as(BootstrapRequested).phase == phase and applies(context)


def _bootstrapped(context: StepContext) -> Message:
    request = context.request_as(BootstrapRequested)
    if request.phase == Phase.PHASE_BASELINE:
        return BaselineBootstrapped(hand_over=request.hand_over)
    answer = ClusterBootstrapped(hand_over=request.hand_over)
    answer.outputs.admin_token_secret_arn = context.text("admin_token_secret_arn")
    answer.outputs.encryption_key_secret_arn = context.text("encryption_key_secret_arn")
    answer.outputs.gateway_url = f"https://{request.spec.beta9.domain}"
    return answer


_RESTORABLE = "The secret goes for good in 30 days; until then a database snapshot can be used with it."


def _drained(context: StepContext) -> ClusterDrained:
    removed, restorable = context.data.get("removed", []), context.data.get("restorable", [])
    assert isinstance(removed, list) and isinstance(restorable, list)
    request = context.request_as(DrainRequested)
    return ClusterDrained(
        hand_over=request.hand_over,
        removed=removed,
        kept=[KeptResource(resource=arn, reason=_RESTORABLE) for arn in restorable],
    )
