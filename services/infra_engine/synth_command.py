"""`python -m services.infra_engine synth`: a document in, Terraform's JSON out; needs no other service.

Standard input is one JSON object: `environment` (its id), `workspace` and `spec` (the document in proto JSON). Standard
output is main.tf.json. What went wrong is a JSON object with `reason`, `message` and `remedy` on standard error.
"""

import asyncio
import json
import sys

from google.protobuf import json_format
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec

from libs.failures import Failure
from services.infra_engine.documents import stack_input
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.definition import StackRegistry
from services.infra_engine.synthesis import ChildSynthesizer, SynthesisFailed, SynthesizerUnavailable

# The bytes do not depend on it: user values travel as variables.
_UID = "preview"


def main() -> int:
    try:
        request = json.load(sys.stdin)
        spec = json_format.ParseDict(request["spec"], EnvironmentSpec())
        sys.stdout.buffer.write(asyncio.run(_synthesize(spec, request["workspace"], request["environment"])))
    except (KeyError, ValueError, json_format.ParseError, SynthesisFailed) as error:
        return _refuse("DOCUMENT_NOT_BUILDABLE", f"The document cannot be built: {error}", "Correct the document.")
    except Failure as failure:
        return _refuse(failure.reason, failure.message, failure.remedy)
    except SynthesizerUnavailable as error:
        return _refuse("SYNTHESIZER_UNAVAILABLE", str(error), "Node 20 or newer must be there: run make setup.")
    return 0


async def _synthesize(spec: EnvironmentSpec, workspace: str, environment: str) -> bytes:
    settings = EngineSettings.read()
    synthesizer = ChildSynthesizer(StackRegistry(settings.stacks))
    document = stack_input(
        spec, workspace=workspace, environment=environment, uid=_UID, external_id="", settings=settings
    )
    try:
        return (await synthesizer.synthesize(document)).main_tf_json
    finally:
        await synthesizer.aclose()


def _refuse(reason: str, message: str, remedy: str) -> int:
    print(json.dumps({"reason": reason, "message": message, "remedy": remedy}), file=sys.stderr)
    return 1
