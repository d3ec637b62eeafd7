"""How long a synthesis takes: with the child's start, without, and of a shape that was synthesized before."""

import json
import statistics
import time
from dataclasses import replace

from services.infra_engine.stacks.definition import StackRegistry
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import ChildSynthesizer, RememberingSynthesizer, Synthesizer
from tests.bench.figures import Figure, spread
from tests.integration.infra_engine.inputs import PRODUCTION, SMALL

_COLD_RUNS = 3
_WARM_RUNS = 20


async def measure() -> list[Figure]:
    cold: list[float] = []
    warm: dict[str, list[float]] = {}
    known: list[float] = []
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
                resources = [await _resources(remembering, document) for document in (SMALL, PRODUCTION)]
        finally:
            await synthesizer.aclose()
    return [
        Figure("cold synthesis", f"{statistics.median(cold):.2f} s", "<= 3.5 s", spread(cold, "s")),
        _warm("warm synthesis of the small document", warm["small"]),
        _warm("warm synthesis of the large document", warm["large"]),
        Figure(
            "synthesis of a known shape", f"{statistics.median(known) * 1000:.2g} ms", "", spread(known, "ms", 1000)
        ),
        Figure("resources of the small and the large document", f"{resources[0]} and {resources[1]}", ""),
    ]


def _warm(name: str, times: list[float]) -> Figure:
    return Figure(name, f"{statistics.median(times) * 1000:.0f} ms", "<= 100 ms", spread(times, "ms", 1000))


async def _timed(synthesizer: Synthesizer, document: StackInput, uid: str) -> float:
    document = replace(document, uid=uid)
    started = time.perf_counter()
    await synthesizer.synthesize(document)
    return time.perf_counter() - started


async def _resources(synthesizer: Synthesizer, document: StackInput) -> int:
    config = json.loads((await synthesizer.synthesize(document)).main_tf_json)
    return sum(len(named) for named in config["resource"].values())
