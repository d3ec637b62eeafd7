"""Twenty environments at once, of a small stack, over one at a time: all finish, in how much memory, how fast.

Five accounts have four environments each, as many as the quota of VPCs lets in; two workers take two runs each.
`python -m tests.bench.twenty` measures it alone.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from libs.stages.cancellation import end_tasks
from tests.bench.figures import Figure
from tests.bench.memory import descendants, processor, program, proportional
from tests.crash.lab import Lab, opened
from tests.e2e.client import Operation, failure_of, metadata_of
from tests.e2e.customer import Customer

_ACCOUNTS, _EACH, _ALONE = 5, 4, 3
_SETTINGS = {"PROVISIONING_WORKER_CONCURRENCY": "2", "PROVISIONING_ACCOUNT_RUNS": "2"}
# What a run is counted with, Terraform and its provider included.
_RUN_MB = 1024
_PATIENCE = 1800.0


async def measure() -> list[Figure]:
    """Opens a platform of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.chmod(folder, 0o755)  # Postgres is another user's where this is root's
        async with opened(Path(folder), workers=2, lease_seconds=15, stack=_SETTINGS) as lab:
            lone = await lab.customer()
            customers = [await lab.customer() for _ in range(_ACCOUNTS)]
            await _create(lab, "warm", lone)  # not counted: it synthesizes
            began = time.perf_counter()
            for number in range(_ALONE):
                await _create(lab, f"alone-{number}", lone)
            alone = (time.perf_counter() - began) / _ALONE
            watch = Watch(lab)
            watching = asyncio.create_task(watch.run())
            began = time.perf_counter()
            wanted = [(f"at-once-{a}-{n}", customers[a]) for n in range(_EACH) for a in range(_ACCOUNTS)]
            ended = await asyncio.gather(*(_create(lab, name, customer) for name, customer in wanted))
            took = time.perf_counter() - began
            await end_tasks([watching])
            spent = watch.spent()
    return _figures(ended, took, alone, watch, spent)


class Watch:
    """The most that the engine's workers and all below them take, and the most runs at once, seen twice a second."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._before = self._spent()
        self.most = 0.0
        self.runs = 0

    @property
    def _workers(self) -> list[int]:
        processes = self._lab.platform.processes.items()
        return [pid for name, pid in processes if name.startswith("infra_engine.worker") and pid is not None]

    def _spent(self) -> tuple[float, float]:
        own, below = zip(*map(processor, self._workers), strict=True)
        return sum(own), sum(below)

    def spent(self) -> tuple[float, float]:
        """Processor seconds since the beginning: of the workers themselves, and of what they ran."""
        own, below = self._spent()
        return own - self._before[0], below - self._before[1]

    async def run(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            workers = self._workers
            below = [pid for worker in workers for pid in descendants(worker)]
            names = [program(pid) for pid in below]
            self.runs = max(self.runs, sum(name.startswith("terraform ") for name in names))
            self.most = max(self.most, sum(proportional(pid) for pid in (*workers, *below)))


async def _create(lab: Lab, name: str, customer: Customer) -> Operation:
    operation = await lab.client.create(name, customer.spec())
    with suppress(AssertionError):  # it counts as one that has not finished
        operation = await lab.client.wait(operation.name, _PATIENCE)
    return operation


def _figures(
    ended: list[Operation], took: float, alone: float, watch: Watch, spent: tuple[float, float]
) -> list[Figure]:
    others = Counter(_end_of(one) for one in ended if one.WhichOneof("result") != "response")
    queued = max(stage_wait(one) for one in ended)
    gain = alone * len(ended) / took
    bound = watch.runs * _RUN_MB
    own, below = (seconds / len(ended) for seconds in spent)
    return [
        Figure(
            f"{len(ended)} environments at once: those that finish",
            f"{len(ended) - others.total()}",
            f"{len(ended)}",
            f"all in {took:.0f} s; the longest wait from a create to its deployment was {queued:.0f} s"
            + "".join(f"; {count} ended with {reason}" for reason, count in others.items()),
        ),
        Figure(
            "throughput of them over one at a time",
            f"{gain:.2f}",
            "> 1",
            f"one alone takes {alone:.1f} s (of {_ALONE})",
        ),
        Figure(
            "memory of the engine's workers and all that they run",
            f"{watch.most:.0f} MB",
            f"<= {bound} MB",
            f"{watch.runs} Terraform commands at once, {watch.most / max(1, watch.runs):.0f} MB each; what "
            "processes share is counted once",
        ),
        Figure(
            "processor time of the engine's worker over what it runs",
            f"{own / below:.2f}",
            "",
            f"{own:.1f} s a run, pre-flight included, beside {below:.1f} s of Terraform, its provider and their guards",
        ),
    ]


def _end_of(operation: Operation) -> str:
    if not operation.done:
        return f"nothing within {_PATIENCE:.0f} s"
    failure = failure_of(operation)
    return f"{failure.reason} ({failure.message})"


def stage_wait(operation: Operation) -> float:
    """Seconds from the create until the deployment was asked: what the pre-flight waited in the queue is in it."""
    metadata = metadata_of(operation)
    asked = [stage.start_time.ToSeconds() for stage in metadata.stages if stage.stage == "deployment"]
    return asked[0] - metadata.create_time.ToSeconds() if asked else 0.0


def main() -> None:
    """Prints the figures."""
    for one in asyncio.run(measure()):
        print(f"{one.name}: {one.value} (goal {one.goal}) {one.detail}")


if __name__ == "__main__":
    main()
