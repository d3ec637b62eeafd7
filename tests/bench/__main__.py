"""`python -m tests.bench [PART ...]`: measures all, or the parts named of `_PARTS`.

With all parts the table is written to docs/benchmarks.md.
"""

import asyncio
import os
import platform as machine
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from libs.embedded import Platform
from tests.bench import active, large_plan, memory, outbox, point_reads, synthesis, twenty
from tests.bench.figures import Figure, table

_PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_THEIRS = {"theirs1": "333344445555", "theirs2": "444455556666"}
_PARTS = ("synthesis", "plan", "outbox", "twenty", "idle", "reads", "active")


async def measure(parts: set[str]) -> list[Figure]:
    """Each part in turn; nothing else runs meanwhile."""
    figures: list[Figure] = []
    if "synthesis" in parts:
        figures += _tell(await synthesis.measure())
    if "plan" in parts:
        figures += _tell(await large_plan.measure())
    if "outbox" in parts:
        figures += _tell(await outbox.measure())
    if "twenty" in parts:
        figures += _tell(await twenty.measure())
    if parts <= {"synthesis", "plan", "outbox", "twenty"}:
        return figures
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.chmod(folder, 0o755)  # Postgres is another user's where this is root's
        async with Platform(folder, ports="auto", sandbox=True) as platform:
            if "idle" in parts:
                figures += _tell(memory.idle(platform))
            if parts & {"reads", "active"}:
                ours, most, environment = await active.create(platform, "222233334444", "ours1")
                if "active" in parts:
                    # Ours, theirs, theirs, ours: neither meets a warmer sandbox than the other.
                    theirs = [await active.script(platform, account, name) for name, account in _THEIRS.items()]
                    again, more, environment = await active.create(platform, "555566667777", "ours2")
                    figures += _tell(active.figures(list(zip((ours, again), theirs, strict=True)), max(most, more)))
                if "reads" in parts:
                    registry = platform.endpoints.environment_registry
                    url = platform.database_url("environment_registry")
                    figures += _tell(await point_reads.measure(registry, environment.name, url))
    return figures


def _tell(figures: list[Figure]) -> list[Figure]:
    for one in figures:
        print(f"{one.name}: {one.value} (goal {one.goal}) {one.detail}", flush=True)
    return figures


def _page(figures: list[Figure]) -> str:
    today = datetime.now(UTC).date().isoformat()
    where = f"{os.cpu_count()} cores of {machine.machine()}, Python {machine.python_version()}"
    return _TEXT.format(today=today, where=where, table=table(figures))


_TEXT = """# Benchmarks

What `make bench` printed on {today}, on {where}. Machines differ and shared ones are noisy: read
the ratios, which are of one run, and not the seconds. No test asserts any of it.

{table}

How each is measured is in the module of its name under `tests/bench/`. The shell script is
`tests/bench/by_hand.sh`: the same main.tf.json and variables, the same charts and values, in the same sandbox,
one after the other as an operator would type them; our time includes the pre-flight, the state bucket, the synthesis
and the ingress that the script gets for nothing. Most of both is what Terraform's AWS provider waits by itself: 80 s
for a database.
"""


def main(arguments: list[str]) -> int:
    parts = set(arguments or ["all"])
    if unknown := parts - {"all", *_PARTS}:
        print(f"there is no part {', '.join(sorted(unknown))}: {', '.join(_PARTS)} or all", file=sys.stderr)
        return 2
    whole = "all" in parts
    figures = asyncio.run(measure(set(_PARTS) if whole else parts))
    print(f"\n{table(figures)}")
    if whole:
        _PAGE.write_text(_page(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
