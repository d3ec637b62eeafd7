"""Chooses what of a trace is drawn: like spans side by side become one line, but for the slowest and the failed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from libs.beta9ctl.spans import Span, walk

FOLD_FROM = 6
SLOWEST_SHOWN = 3
WORTH_A_LINE = 1 / 200
"""The part of the whole trace that a span among its like must have taken to be drawn alone."""
STEP = "beta9.step"
"""Marks the span of a stage's step: the frame of the picture, never folded."""
ADDRESS = "beta9.terraform.address"
"""Holds the Terraform address of the cloud resource that a span is about."""
_PACKAGE = re.compile(r"^(?:[a-z0-9_]+\.)+(?=[A-Z]\w*/)")


@dataclass(frozen=True)
class Row:
    """One line of a waterfall; times are seconds since the epoch.

    `folded` counts the spans that the line stands for when it is not one span's own; `longest` is then the longest of
    them, in seconds. `detached` says that the span has a parent which is not among the spans (yet).
    """

    depth: int
    label: str
    service: str
    start: float
    end: float
    failed: bool = False
    folded: int = 0
    longest: float = 0.0
    detached: bool = False


def rows(roots: list[Span], full: bool) -> list[Row]:
    """Answers the lines of a trace whose tree starts at `roots`; with `full` a line a span."""
    spans = [span for root in roots for span in walk(root)]
    if not spans:
        return []
    whole = max(span.end for span in spans) - min(span.start for span in spans)
    return list(_lines(roots, 0, float("inf") if full else whole * WORTH_A_LINE))


def _lines(siblings: list[Span], depth: int, least: float) -> Iterator[Row]:
    for item in _folded(siblings, depth, least):
        if isinstance(item, Row):
            yield item
            continue
        detached = bool(item.parent_id) and depth == 0
        yield Row(depth, label(item), item.service, item.start, item.end, item.failed, detached=detached)
        yield from _lines(item.children, depth + 1, least)


def _folded(siblings: list[Span], depth: int, least: float) -> list[Span | Row]:
    """The spans to draw at one place in the order of their start, with a row for each group that was folded."""
    groups: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in siblings:
        if STEP not in span.attributes and not any(below.failed for below in walk(span)):
            groups[kind(span), span.service].append(span)
    hidden: set[str] = set()
    items: list[tuple[float, Span | Row]] = []
    for (name, service), members in groups.items():
        if least == float("inf") or len(members) < FOLD_FROM:
            continue
        members.sort(key=lambda span: span.seconds)
        fewer = [*members[:-SLOWEST_SHOWN], *(span for span in members[-SLOWEST_SHOWN:] if span.seconds < least)]
        hidden.update(span.span_id for span in fewer)
        row = _row_of(fewer, name, service, depth, more=len(fewer) < len(members))
        items.append((row.start, row))
    items += [(span.start, span) for span in siblings if span.span_id not in hidden]
    return [item for _, item in sorted(items, key=lambda pair: pair[0])]


def _row_of(spans: list[Span], name: str, service: str, depth: int, more: bool) -> Row:
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    text = f"{name}: {len(spans)}{' more' if more else ''}"
    below = sum(1 for span in spans for _ in walk(span))
    longest = max(span.seconds for span in spans)
    return Row(depth, text, service, start, end, folded=below, longest=longest)


def kind(span: Span) -> str:
    """What a span has in common with its like: that it is of a cloud resource, else the first word of its name."""
    return "resources" if span.attributes.get(ADDRESS) else label(span).split(" ", 1)[0]


def label(span: Span) -> str:
    """The span's name, an RPC's without its proto package."""
    return _PACKAGE.sub("", span.name)
