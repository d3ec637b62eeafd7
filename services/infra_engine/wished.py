"""What an attempt asks to be built: its document as a stack's input, and the code of that stack."""

from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec
from provisioning.environment.v1.hand_over_pb2 import CredentialVersions

from libs.aws_access import AwsAccess
from libs.failures import Actor, Failure, Kind
from libs.stages import Attempt
from services.infra_engine.documents import stack_input
from services.infra_engine.preflight.preflight import completed
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import SynthesisFailed, Synthesized, Synthesizer, SynthesizerUnavailable


def wished_input(
    attempt: Attempt,
    spec: EnvironmentSpec,
    *,
    external_id: str,
    settings: EngineSettings,
    credentials: CredentialVersions | None = None,
) -> StackInput:
    """A document of the attempt's environment as a stack's input. Raises Failure (DOCUMENT_NOT_BUILDABLE)."""
    try:
        return stack_input(
            spec,
            workspace=attempt.workspace,
            environment=attempt.environment.rsplit("/", 1)[1],
            uid=attempt.uid,
            external_id=external_id,
            settings=settings,
            credentials=credentials,
        )
    except ValueError as error:
        raise _not_buildable(error) from error


async def synthesized(synthesizer: Synthesizer, access: AwsAccess, document: StackInput) -> Synthesized:
    """The stack of a document, with what AWS alone knows of it filled in. Raises Failure."""
    try:
        return await synthesizer.synthesize(await completed(access, document))
    except SynthesizerUnavailable as error:
        raise Failure(
            "SYNTHESIZER_UNAVAILABLE",
            "The synthesis process could not be used.",
            kind=Kind.UNAVAILABLE,
            retryable=True,
            remedy="Look into the worker's log; Node 20 or newer must be there.",
            private=str(error),
        ) from error
    except (ValueError, SynthesisFailed) as error:
        raise _not_buildable(error) from error


def _not_buildable(error: Exception) -> Failure:
    return Failure(
        "DOCUMENT_NOT_BUILDABLE",
        f"The document cannot be built: {error}",
        kind=Kind.INVALID_ARGUMENT,
        actor=Actor.CUSTOMER,
        remedy="Correct the document.",
    )
