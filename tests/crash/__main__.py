"""`make crash`: tries every crash point and writes docs/crash-points.md.

    python -m tests.crash [--lanes N] [--minutes M] [--operations create,update] [--changing] [--go-on] [--seed S]

Points at calls that change something come first, each also with the death of the whole machine; `--changing` leaves the
others out. When the minutes are over no environment is begun any more, and the page says how many points were tried;
`--go-on` keeps what the page says of those that have converged, and tries the others.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from libs.embedded.layout import ROOT
from tests.crash import sequences
from tests.crash.campaign import Campaign, undisturbed
from tests.crash.lab import opened
from tests.crash.points import Crash, Operation, Point, Victim
from tests.crash.proxy import When
from tests.crash.report import Campaigned, converged_in, page

PAGE = ROOT / "docs" / "crash-points.md"
_LEASE = 6.0
_DEFAULT_LEASE = 15.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--lanes", type=int, default=2, help="environments side by side")
    parser.add_argument("--minutes", type=float, default=1e6)
    parser.add_argument("--operations", default=",".join(Operation), help="those to kill in")
    parser.add_argument("--changing", action="store_true", help="only calls that change something")
    parser.add_argument("--go-on", action="store_true", help="keep what the page has as converged, and try the others")
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--sequences", type=int, default=20, help="random sequences of commands")
    parser.add_argument("--note", action="append", default=[], help="a sentence about this run, for the page")
    parser.add_argument("--keep", type=Path, help="an empty folder for the platform's files, to be looked into")
    given = parser.parse_args()
    if given.keep is not None:
        return asyncio.run(_run(given, given.keep))
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        Path(folder).chmod(0o755)  # where the run is root's, Postgres is another user's
        return asyncio.run(_run(given, Path(folder)))


async def _run(given: argparse.Namespace, folder: Path) -> int:
    chance = random.Random(given.seed)
    wished = {Operation(name) for name in given.operations.split(",")}
    kept = converged_in(PAGE.read_text()) if given.go_on else []
    async with opened(folder / "short", workers=given.lanes + 2, lease_seconds=_LEASE) as lab:
        known = _ordered(await undisturbed(lab), chance)
        points = [one for one in known if one.operation in wished and (one.changes or not given.changing)]
        left = [one for one in points if one not in {crash.point for crash in kept}]
        print(f"{len(known)} points, {len(left)} to try", flush=True)
        campaign = Campaign(lab, left, _tell)
        campaign.crashes += kept
        campaigned = Campaigned(
            campaign.crashes, len(known), _today(), f"{os.cpu_count()} cores", _LEASE, notes=given.note
        )
        try:
            await campaign.run(lanes=given.lanes, seconds=given.minutes * 60)
        finally:
            PAGE.write_text(page(campaigned))
        wrong = [*campaign.strange, *await sequences.several(lab, given.seed, given.sequences)]
    async with opened(folder / "default", workers=2, lease_seconds=_DEFAULT_LEASE) as lab:
        slow = Campaign(lab, _one_each([one for one in points if one.changes and one.victim is Victim.WORKER]), _tell)
        await slow.run(lanes=1)
    PAGE.write_text(page(replace(campaigned, default_lease=slow.crashes, sequences=given.sequences, wrong=wrong)))
    return 1 if wrong or any(crash.wrong for crash in [*campaign.crashes, *slow.crashes]) else 0


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _ordered(known: list[Point], chance: random.Random) -> list[Point]:
    """What changes something first, then the rest; by chance within."""
    first = [point for point in known if point.changes]
    power = [replace(point, victim=Victim.MACHINE) for point in first if point.when is When.AFTER]
    rest = [point for point in known if not point.changes]
    for part in (first, power, rest):
        chance.shuffle(part)
    return [*first, *power, *rest]


def _one_each(points: list[Point]) -> list[Point]:
    """One point an operation."""
    return list({point.operation: point for point in points}.values())


def _tell(crash: Crash) -> None:
    print(f"{crash.point}: {crash.outcome} ({crash.again:.1f} s, {crash.seconds:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
