"""docs/crash-points.md: the table of a campaign, and what it says in sum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.crash.points import Crash, Operation, Point, Victim
from tests.crash.proxy import When


@dataclass(frozen=True)
class Campaigned:
    """A campaign and where it ran.

    `known` is how many points there are, `default_lease` what was tried with the default lease, `sequences` how many
    random ones were tried, `notes` what a person has to say of the run, and `wrong` what went wrong in them or although
    nobody died.
    """

    crashes: Sequence[Crash]
    known: int
    date: str
    machine: str
    lease_seconds: float
    default_lease: Sequence[Crash] = ()
    sequences: int = 0
    wrong: Sequence[str] = ()
    notes: Sequence[str] = ()


_HEAD = """\
# Crash points

Written by `make crash` (`tests/crash`); not by hand. A proxy stands between the platform and the AWS API of the
sandbox. It counts the calls that Terraform makes, holds one of them, and meanwhile the worker of the engine that runs
this Terraform gets SIGKILL: **before** the call has reached AWS, or **after** AWS has done it and before the reply is
back. `machine` says that Terraform, its provider and their guards got SIGKILL with the worker, as in a power cut.

Afterwards nobody helps. A point has converged when the operation has succeeded by itself; what the account holds, the
shipped state and the document are the same, item by item; nothing is there twice; no lock object and no lease is held;
and no process of the environment runs. After a destroy the account holds the bucket of the states alone.

A call is named by its action and by which one of that action it was, since Terraform makes resources side by side and
the numbers of calls change from run to run; the number it had in this run stands beside it.
"""


def page(campaign: Campaigned) -> str:
    """The whole page."""
    parts = [_HEAD, _summary(campaign)]
    if campaign.default_lease:
        parts.append(_default_lease(campaign.default_lease))
    for operation in Operation:
        found = [crash for crash in campaign.crashes if crash.point.operation is operation]
        if found:
            parts.append(f"## {operation.capitalize()}\n\n{_table(found)}")
    return "\n".join(parts)


_ROW = re.compile(r"\| (\d+) \| `(\S+)` #(\d+) \| (\w+)(, machine)? \| converged \| (\S+) \| (\S+) \|")


def converged_in(text: str) -> list[Crash]:
    """The points of a page that have converged, so that a campaign can go on from there."""
    found = []
    for section in text.split("\n## ")[1:]:
        title = section.partition("\n")[0].lower()
        for call, action, nth, when, machine, again, seconds in _ROW.findall(section):
            victim = Victim.MACHINE if machine else Victim.WORKER
            point = Point(Operation(title), action, int(nth), When(when), victim)
            found.append(Crash(point, int(call), float(seconds), float(again), ()))
    return found


def _summary(campaign: Campaigned) -> str:
    crashes = campaign.crashes
    killed = [crash for crash in crashes if crash.came]
    fair = [crash for crash in killed if not crash.wrong]
    seconds = sorted(crash.seconds for crash in fair) or [0.0]
    again = sorted(crash.again for crash in fair) or [0.0]
    changing = [crash for crash in killed if crash.point.changes]
    lines = [
        "## Summary",
        "",
        f"- {campaign.date}, {campaign.machine}, the stack `tests/crash/stack.py`, leases of"
        f" {campaign.lease_seconds:g} s.",
        f"- **{len(fair)} of {len(killed)}** points at which a worker was killed have converged; there are"
        f" {campaign.known}.",
        f"- At calls that change something: {sum(not crash.wrong for crash in changing)} of {len(changing)}.",
        f"- From the kill until another worker was at work: median {_middle(again):.1f} s, at most {again[-1]:.1f} s.",
        f"- From the kill to the end of the operation: median {_middle(seconds):.1f} s, at most {seconds[-1]:.1f} s.",
    ]
    if absent := len(crashes) - len(killed):
        lines.append(
            f"- {absent} calls did not come when they were tried, and nobody was killed: Terraform asks as often about"
            " what it waits for as that takes."
        )
    if campaign.sequences:
        lines.append(
            f"- {campaign.sequences} random sequences of update, delete, retry, cancel and kill upon a create were held"
            " against a model of where the environment must end."
        )
    lines += [f"- {note}" for note in campaign.notes]
    reasons = Counter(crash.wrong[0].split(":")[0] for crash in crashes if crash.wrong)
    if reasons:
        lines += ["", "What has not converged:", ""]
        lines += [f"- {count}: {reason}" for reason, count in reasons.most_common()]
    if campaign.wrong:
        lines += ["", "What went wrong in sequences, or although nobody died:", ""]
        lines += [f"- {sentence[:300]}" for sentence in campaign.wrong]
    return "\n".join([*lines, ""])


def _default_lease(crashes: Sequence[Crash]) -> str:
    lines = [
        "## With the default lease of 15 s",
        "",
        "Recovery is promised within the lease and 10 s more.",
        "",
        "| killed | another worker at work after | operation ended after |",
        "|---|---|---|",
    ]
    for crash in crashes:
        ended = f"{crash.seconds:.1f} s" if not crash.wrong else _outcome(crash)
        lines.append(f"| {_named(crash)} | {crash.again:.1f} s | {ended} |")
    return "\n".join([*lines, ""])


def _named(crash: Crash) -> str:
    point = crash.point
    return f"{point.operation}, {point.when} `{point.action}` #{point.nth}"


def _table(crashes: Sequence[Crash]) -> str:
    lines = [
        "| call | AWS action | killed | outcome | s to another worker | s to the end |",
        "|---|---|---|---|---|---|",
    ]
    for crash in sorted(crashes, key=lambda one: (one.number, one.point)):
        point = crash.point
        killed = f"{point.when}{', machine' if point.victim is Victim.MACHINE else ''}"
        lines.append(
            f"| {crash.number} | `{point.action}` #{point.nth} | {killed} | {_outcome(crash)} |"
            f" {crash.again:.1f} | {crash.seconds:.1f} |"
        )
    return "\n".join([*lines, ""])


def _outcome(crash: Crash) -> str:
    if not crash.wrong:
        return crash.outcome
    return f"**{' '.join(crash.outcome.split())[:200].replace('|', '/')}**"


def _middle(numbers: Sequence[float]) -> float:
    return numbers[len(numbers) // 2]
