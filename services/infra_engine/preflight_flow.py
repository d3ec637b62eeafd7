"""How a pre-flight is served: every finding at once, and nothing touched."""

from google.protobuf.message import Message
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec
from provisioning.infra.v1.events_pb2 import Finding as FindingMessage
from provisioning.infra.v1.events_pb2 import PreflightPassed, PreflightRequested

from libs.aws_access.messages import access_of
from libs.failures import Actor, Failure, FieldViolation, Kind
from libs.stages import Flow, Step, StepContext
from services.infra_engine.documents import stack_input
from services.infra_engine.preflight import Finding
from services.infra_engine.preflight.preflight import preflight
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.stack_input import StackInput

# What a failure tells at most; who mends these finds the rest with the next attempt.
_MOST_TOLD = 50


def preflight_flow(settings: EngineSettings) -> Flow:
    """One step: it reads alone, so that whoever goes on after a crash begins it again."""

    async def check_account(context: StepContext) -> None:
        request = context.request_as(PreflightRequested)
        wished = _input(context, request, request.spec, settings)
        present = _input(context, request, request.present, settings) if request.HasField("present") else None
        findings = await preflight(access_of(request.access), wished, present)
        for one in findings:
            context.log(f"{'stops' if one.blocking else 'note'}: {one.reason}: {one.message} {one.remedy}")
        await context.save(findings=[_kept(one) for one in findings])
        if blocking := [one for one in findings if one.blocking]:
            raise _failure(blocking)

    return Flow(PreflightRequested.DESCRIPTOR.full_name, (Step("check_account", check_account, True),), _passed)


def _input(
    context: StepContext, request: PreflightRequested, spec: EnvironmentSpec, settings: EngineSettings
) -> StackInput:
    attempt = context.attempt
    try:
        return stack_input(
            spec,
            workspace=attempt.workspace,
            environment=attempt.environment.rsplit("/", 1)[1],
            uid=attempt.uid,
            external_id=request.access.external_id,
            settings=settings,
        )
    except ValueError as error:
        raise Failure(
            "DOCUMENT_NOT_BUILDABLE",
            f"The document cannot be built: {error}",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.CUSTOMER,
            remedy="Correct the document.",
        ) from error


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
