"""A figure: what was measured, its goal, and how it is printed."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table. `goal` is a bound in words; `detail` the absolute numbers behind a ratio."""

    name: str
    value: str
    goal: str
    detail: str = ""


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | measured | goal | behind it |", "|---|---|---|---|"]
    lines += [f"| {one.name} | **{one.value}** | {one.goal} | {one.detail} |" for one in figures]
    return "\n".join(lines)


def spread(values: Sequence[float], unit: str, scale: float = 1.0) -> str:
    """Median and range of some runs."""
    low, middle, high = min(values) * scale, statistics.median(values) * scale, max(values) * scale
    return f"{middle:.3g} {unit} ({low:.3g} to {high:.3g} of {len(values)})"
