"""The examples that are not documents."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import json_format
from provisioning.environment.v1 import environment_service_pb2 as messages

from libs.beta9ctl.document_file import load

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_json_request_creates_what_the_minimal_document_does() -> None:
    request = json_format.Parse((EXAMPLES / "create-environment.json").read_text(), messages.CreateEnvironmentRequest())
    document = load(str(EXAMPLES / "minimal.yaml"))

    assert request.environment_id == document.name
    assert request.environment.spec == document.spec
    assert request.parent == "workspaces/default"
