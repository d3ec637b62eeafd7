"""The engine's processes, but that what was synthesized once is kept in a file for the next worker.

A synthesis costs seconds of Node, and a killed worker forgets what it had; the code is a pure function of the stack's
shape, and nothing of it reaches AWS. All else is the service as it is.

`python -m tests.crash.engine api|worker|migrate`
"""

import hashlib
import json
import os
import sys
from pathlib import Path

from libs.hosting import main
from services.infra_engine import synthesis
from services.infra_engine.__main__ import DEFINITION
from services.infra_engine.stacks.definition import StackDefinition
from services.infra_engine.stacks.stack_input import StackInput

FOLDER = "CRASH_SYNTHESIZED_DIR"


class KeepingSynthesizer(synthesis.ChildSynthesizer):
    """`ChildSynthesizer` with what it has made in files."""

    async def _config(self, definition: StackDefinition, stack_input: StackInput) -> dict[str, object]:
        key = json.dumps([definition.name, dict(definition.shape(stack_input))], sort_keys=True)
        path = Path(os.environ[FOLDER]) / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        if not path.exists():
            made = await super()._config(definition, stack_input)
            # Workers that miss the same shape at once must not share a file on the way.
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_text(json.dumps(made))
            unfinished.replace(path)
        config: dict[str, object] = json.loads(path.read_text())
        return config


if __name__ == "__main__":
    synthesis.ChildSynthesizer = KeepingSynthesizer  # type: ignore[misc]
    sys.exit(main(DEFINITION))
