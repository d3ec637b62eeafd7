"""Each profile as it is built: the code is that of the small one, and the values are in a golden file for review."""

import json
import os
from dataclasses import replace

import pytest

from services.infra_engine.stacks.aws.shape import to_shape
from services.infra_engine.stacks.aws.variables import stack_variables
from services.infra_engine.stacks.stack_input import Cluster, Postgres, Redis, Size
from tests.integration.infra_engine.inputs import SMALL
from tests.unit.infra_engine.golden_stacks import GOLDEN


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_every_profile_is_its_golden_file(size: Size) -> None:
    document = replace(SMALL, cluster=Cluster(profile=size), postgres=Postgres(size=size), redis=Redis(size=size))
    assert to_shape(document) == to_shape(SMALL)
    path = GOLDEN / f"beta9-{size}.tfvars.json"
    content = json.dumps(stack_variables(document), indent=2, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(content)
    assert content == path.read_text(), f"{path.name} differs: look at it with UPDATE_GOLDEN=1 and git diff"
