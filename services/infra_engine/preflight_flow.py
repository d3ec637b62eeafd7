"""How a pre-flight is served: every finding at once, and nothing touched."""

import asyncio

from google.protobuf.message import Message
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec
from provisioning.infra.v1.events_pb2 import Finding as FindingMessage
from provisioning.infra.v1.events_pb2 import PreflightPassed, PreflightRequested

from libs.aws_access.messages import access_of
from libs.failures import Actor, Failure, FieldViolation, Kind
from libs.stages import Flow, Step, StepContext
from services.infra_engine.preflight import Finding
from services.infra_engine.preflight.preflight import preflight
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import Synthesizer
from services.infra_engine.wished import synthesized, wished_input

# What a failure tells at most; who mends these finds the rest with the next attempt.
_MOST_TOLD = 50


def preflight_flow(settings: EngineSettings, synthesizer: Synthesizer) -> Flow:
    """One step: it reads alone, so that whoever goes on after a crash begins it again."""

    async def check_account(context: StepContext) -> None:
        request = context.request_as(PreflightRequested)
        access = access_of(request.access)

        def read(spec: EnvironmentSpec) -> StackInput:
            external_id = request.access.external_id
            return wished_input(context.attempt, spec, external_id=external_id, settings=settings)

        wished = read(request.spec)
        present = read(request.present) if request.HasField("present") else None
        # What cannot be synthesized is told now too, and what can is ready when the deployment asks for it.
        findings, stack = await asyncio.gather(
            preflight(access, wished, present), synthesized(synthesizer, access, wished), return_exceptions=True
        )
        if isinstance(findings, BaseException):
            raise findings
        for one in findings:
            context.log(f"{'stops' if one.blocking else 'note'}: {one.reason}: {one.message} {one.remedy}")
        await context.save(findings=[_kept(one) for one in findings])
        if blocking := [one for one in findings if one.blocking]:
            raise _failure(blocking)
        if isinstance(stack, BaseException):
            raise stack

    return Flow(
        PreflightRequested.DESCRIPTOR.full_name,
        (Step("check_account", check_account, True, interruptible=True),),
        _passed,
    )


def _failure(blocking: list[Finding]) -> Failure:
    first = blocking[0]
    more = f" {len(blocking) - 1} more findings are listed." if len(blocking) > 1 else ""
    return Failure(
        "PREFLIGHT_FAILED",
        f"{first.message}{more}",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy=f"{first.remedy} Nothing was touched; then retry, or update the document.",
        metadata={"reasons": ",".join(dict.fromkeys(one.reason for one in blocking))},
        violations=[
            FieldViolation(f"environment.spec.{one.field}", f"{one.message} {one.remedy}", one.reason)
            for one in blocking[:_MOST_TOLD]
        ],
    )


def _kept(finding: Finding) -> dict[str, object]:
    return {
        "reason": finding.reason,
        "field": f"spec.{finding.field}" if finding.field else "",
        "message": finding.message,
        "remedy": finding.remedy,
        "blocking": finding.blocking,
    }


def _passed(context: StepContext) -> Message:
    found = context.data.get("findings", [])
    assert isinstance(found, list)
    hand_over = context.request_as(PreflightRequested).hand_over
    return PreflightPassed(hand_over=hand_over, findings=[FindingMessage(**one) for one in found])
