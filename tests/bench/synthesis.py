"""How long a synthesis takes: with the child's start, without, and of a shape that was synthesized before.

And what its child takes of memory meanwhile.
"""

import json
import os
import statistics
import time
from dataclasses import replace

from services.infra_engine.stacks.definition import StackRegistry
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import ChildSynthesizer, RememberingSynthesizer, Synthesizer
from tests.bench.figures import Figure, spread
from tests.bench.memory import descendants, program, proportional
from tests.integration.infra_engine.inputs import PRODUCTION, SMALL

_COLD_RUNS = 3
_WARM_RUNS = 20


async def measure() -> list[Figure]:
    cold: list[float] = []
    warm: dict[str, list[float]] = {}
    known: list[float] = []
    taken: dict[str, float] = {}
    for run in range(_COLD_RUNS):
        synthesizer = ChildSynthesizer()
        try:
            cold.append(await _timed(synthesizer, SMALL, f"cold{run}"))
            if run == _COLD_RUNS - 1:
                for name, document in (("small", SMALL), ("large", PRODUCTION)):
                    await _timed(synthesizer, document, "settle")
                    warm[name] = [await _timed(synthesizer, document, f"warm{one}") for one in range(_WARM_RUNS)]
                remembering = RememberingSynthesizer(synthesizer, StackRegistry())
                await _timed(remembering, PRODUCTION, "first")
                known = [await _timed(remembering, PRODUCTION, f"known{number}") for number in range(_WARM_RUNS)]
                taken = _memory()
                resources = [await _resources(remembering, document) for document in (SMALL, PRODUCTION)]
        finally:
            await synthesizer.aclose()
    return [
        Figure("cold synthesis", f"{statistics.median(cold):.2f} s", "<= 3.5 s", spread(cold, "s")),
        _warm("warm synthesis of the small document", "<= 60 ms", warm["small"]),
        _warm("warm synthesis of the large document", "<= 100 ms", warm["large"]),
        Figure(
            "the synthesis child while it lives",
            f"{sum(taken.values()):.0f} MB",
            "less than 600 MB of jsii's",
            f"Node {taken['node']:.0f} MB, Python {taken['python']:.0f} MB; it ends when idle",
        ),
        Figure(
            "synthesis of a known shape", f"{statistics.median(known) * 1000:.2g} ms", "", spread(known, "ms", 1000)
        ),
        Figure("resources of the small and the large document", f"{resources[0]} and {resources[1]}", ""),
    ]


def _warm(name: str, goal: str, times: list[float]) -> Figure:
    return Figure(name, f"{statistics.median(times) * 1000:.0f} ms", goal, spread(times, "ms", 1000))


def _memory() -> dict[str, float]:
    """MB of what lives below this process now, by program."""
    below = {pid: program(pid) for pid in descendants(os.getpid())}
    return {
        name: sum(proportional(pid) for pid, line in below.items() if line.startswith(name))
        for name in ("node", "python")
    }


async def _timed(synthesizer: Synthesizer, document: StackInput, uid: str) -> float:
    document = replace(document, uid=uid)
    started = time.perf_counter()
    await synthesizer.synthesize(document)
    return time.perf_counter() - started


async def _resources(synthesizer: Synthesizer, document: StackInput) -> int:
    config = json.loads((await synthesizer.synthesize(document)).main_tf_json)
    return sum(len(named) for named in config["resource"].values())
