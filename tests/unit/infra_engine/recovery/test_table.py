"""Every type of every stack is found again or is said to need no finding, and no two resources look the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.infra_engine.recovery.kinds import Findable, MadeAgain
from services.infra_engine.recovery.references import References, Unresolved
from services.infra_engine.recovery.table import KINDS
from services.infra_engine.stacks.aws.definition import BETA9
from tests.integration.infra_engine.inputs import EXAMPLES
from tests.integration.infra_engine.stacks.minimal import MINIMAL

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = ROOT / "tests" / "golden"
# Read, not imported, which would start Node.
CRASH = frozenset(re.findall(r'^            "(aws_\w+)",$', (ROOT / "tests/crash/stack.py").read_text(), re.M))


def test_every_type_of_every_stack_is_in_the_table() -> None:
    assert len(CRASH) > 10
    wanted = BETA9.resource_types | MINIMAL.resource_types | CRASH
    assert wanted - KINDS.keys() == set()
    assert KINDS.keys() - wanted == set()


def test_what_is_not_looked_for_says_why() -> None:
    assert all(len(kind.why) > 20 for kind in KINDS.values() if isinstance(kind, MadeAgain))


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_tells_a_resource_is_its_own(example: str) -> None:
    main = json.loads((GOLDEN / f"beta9-{example}.tf.json").read_text())
    variables = json.loads((GOLDEN / f"beta9-{example}.tfvars.json").read_text())
    for kind, resources in main["resource"].items():
        findable = KINDS[kind]
        if isinstance(findable, MadeAgain):
            continue
        keys = [_identity(References(variables, {}, {}), one, findable) for one in resources.values()]
        assert len(keys) == len(set(keys)), kind
        # Without what it is told by, a resource would never be looked for.
        assert all(name in one for one in resources.values() for name in findable.needs), kind


def _identity(references: References, arguments: dict[str, Any], findable: Findable) -> str:
    names = (*findable.needs, "tags", "name", "from_port", "referenced_security_group_id")
    return json.dumps([_told(references, arguments.get(name)) for name in names], sort_keys=True)


def _told(references: References, value: object) -> object:
    try:
        return references.resolve(value)
    except Unresolved:
        return value
