"""What the engine's own processes load of a stack."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_LOAD_ALL = """
import sys
from services.infra_engine.stacks.definition import StackRegistry
from tests.integration.infra_engine.inputs import STACKS
from tests.crash.stack import CRASH
from tests.e2e.stacks.whole import WHOLE
registry = StackRegistry(STACKS)
for name in STACKS:
    registry.get(name)
sys.exit(bool({"cdktf", "jsii"} & sys.modules.keys()))
"""


def test_no_definition_loads_cdktf_which_is_seconds_and_half_a_gigabyte() -> None:
    assert subprocess.run([sys.executable, "-c", _LOAD_ALL], cwd=_ROOT).returncode == 0
