"""The synthesis child: `python -O -m services.infra_engine.synthesis.child`.

Reads one request a line (`{"build": "module:function", "shape": {...}}`) and answers it with one line
(`{"config": ...}` or `{"error": ...}`). It lives apart because jsii's Node takes some 200 MB while it lives, and
because jsii is not made for threads: one request at a time. It ends by itself when its Node does.
"""

import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from services.infra_engine.synthesis import jsii_channel


def _builder(reference: str) -> Callable[[Any, dict[str, object]], None]:
    module, _, function = reference.partition(":")
    found: Callable[[Any, dict[str, object]], None] = getattr(importlib.import_module(module), function)
    return found


def _synthesize(request: dict[str, Any]) -> str:
    """The answer's line."""
    from services.infra_engine.stacks.bindings import new_stack, to_json

    stack = new_stack()
    _builder(request["build"])(stack, request["shape"])
    return f'{{"config": {to_json(stack)}}}'


def main() -> None:
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    jsii_channel.install()
    first = True
    for line in sys.stdin:
        try:
            answer = _synthesize(json.loads(line))
        except Exception as error:  # whatever it is, the owner hears of it and decides
            answer = json.dumps({"error": f"{type(error).__name__}: {error}"})
        answers.write(answer + "\n")
        answers.flush()
        if first:
            # Cyclic garbage is looked for among some hundred thousand objects of the bindings otherwise, each time.
            gc.collect()
            gc.freeze()
            first = False


if __name__ == "__main__":
    main()
