"""Each profile as it is built: the code is that of the minimal document, and the values are in a golden file."""

import json
import os

import pytest

from services.infra_engine.stacks.aws.shape import to_shape
from services.infra_engine.stacks.aws.variables import stack_variables
from services.infra_engine.stacks.stack_input import Size
from tests.integration.infra_engine.inputs import SMALL, profile
from tests.unit.infra_engine.golden_stacks import GOLDEN


def test_a_document_that_says_nothing_is_small() -> None:
    assert profile("small") == SMALL


@pytest.mark.parametrize("size", ["medium", "large"])
def test_every_other_profile_is_its_golden_file(size: Size) -> None:
    document = profile(size)
    assert to_shape(document) == to_shape(SMALL)
    path = GOLDEN / f"beta9-{size}.tfvars.json"
    content = json.dumps(stack_variables(document), indent=2, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(content)
    assert content == path.read_text(), f"{path.name} differs: look at it with UPDATE_GOLDEN=1 and git diff"
