"""The synthesis child: `python -O -m services.infra_engine.synthesis.child`.

Reads one request a line (`{"build": "module:function", "shape": {...}}`) and answers it with one line
(`{"config": ...}` or `{"error": ...}`). It lives apart because jsii's Node processes take some 700 MB while they live,
and because jsii is not made for threads: one request at a time.
"""

import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any


def _builder(reference: str) -> Callable[[Any, dict[str, object]], None]:
    module, _, function = reference.partition(":")
    found: Callable[[Any, dict[str, object]], None] = getattr(importlib.import_module(module), function)
    return found


def _synthesize(request: dict[str, Any]) -> dict[str, object]:
    from services.infra_engine.stacks.bindings import new_stack

    stack = new_stack()
    _builder(request["build"])(stack, request["shape"])
    config: dict[str, object] = stack.to_terraform()
    return config


def main() -> None:
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    first = True
    for line in sys.stdin:
        try:
            answer: dict[str, object] = {"config": _synthesize(json.loads(line))}
        except Exception as error:  # whatever it is, the owner hears of it and decides
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        if first:
            # Cyclic garbage is looked for among some hundred thousand objects of the bindings otherwise, each time.
            gc.collect()
            gc.freeze()
            first = False


if __name__ == "__main__":
    main()
