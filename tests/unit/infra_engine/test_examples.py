"""Every example is a document that the stack can be built from, each field of it by its own rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from libs.beta9ctl.document_file import load
from services.infra_engine.documents import stack_input
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.aws.shape import to_shape
from services.infra_engine.stacks.aws.variables import stack_variables

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_has_a_shape_and_variables(path: Path) -> None:
    document = load(str(path))
    built = stack_input(
        document.spec, workspace="acme", environment=document.name, uid="e1", external_id="ext",
        settings=EngineSettings.read({}),
    )  # fmt: skip
    assert json.loads(json.dumps(to_shape(built)))
    assert json.loads(json.dumps(stack_variables(built)))["account_id"] == document.spec.cloud.account_id
