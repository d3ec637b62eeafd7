"""How long a synthesis takes: with the child's start, without, and of a shape that was synthesized before."""

import statistics
import time

from services.infra_engine.stacks.definition import StackRegistry
from services.infra_engine.stacks.stack_input import AwsAccount, StackInput
from services.infra_engine.synthesis import ChildSynthesizer, RememberingSynthesizer, Synthesizer
from tests.bench.figures import Figure, spread

_COLD_RUNS = 3
_WARM_RUNS = 20


async def measure() -> list[Figure]:
    cold: list[float] = []
    warm: list[float] = []
    known: list[float] = []
    for run in range(_COLD_RUNS):
        synthesizer = ChildSynthesizer()
        try:
            cold.append(await _timed(synthesizer, f"cold{run}"))
            if run == _COLD_RUNS - 1:
                await _timed(synthesizer, "settle")
                warm = [await _timed(synthesizer, f"warm{number}") for number in range(_WARM_RUNS)]
                remembering = RememberingSynthesizer(synthesizer, StackRegistry())
                await _timed(remembering, "first")
                known = [await _timed(remembering, f"known{number}") for number in range(_WARM_RUNS)]
        finally:
            await synthesizer.aclose()
    return [
        Figure("cold synthesis", f"{statistics.median(cold):.2f} s", "<= 3.5 s", spread(cold, "s")),
        Figure("warm synthesis", f"{statistics.median(warm) * 1000:.0f} ms", "<= 60 ms", spread(warm, "ms", 1000)),
        Figure(
            "synthesis of a known shape", f"{statistics.median(known) * 1000:.2g} ms", "", spread(known, "ms", 1000)
        ),
    ]


async def _timed(synthesizer: Synthesizer, uid: str) -> float:
    account = AwsAccount("222233334444", "us-east-1", "arn:aws:iam::222233334444:role/Beta9Provisioner", "id")
    document = StackInput("default", "dev", uid, account, "beta9.example.com")
    started = time.perf_counter()
    await synthesizer.synthesize(document)
    return time.perf_counter() - started
