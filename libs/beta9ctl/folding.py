"""Chooses what of a trace is drawn: like spans side by side become one line, but for the slowest and the failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from libs.beta9ctl.spans import Span, walk

FOLD_FROM = 6
SLOWEST_SHOWN = 3
STEP = "beta9.step"
"""Marks the span of a stage's step: the frame of the picture, never folded."""


@dataclass(frozen=True)
class Row:
    """One line of a waterfall; times are seconds since the epoch. `folded` counts the spans that the line stands for
    when it is not one span's own."""

    depth: int
    label: str
    service: str
    start: float
    end: float
    failed: bool
    folded: int = 0
    detached: bool = False


def rows(roots: list[Span], full: bool) -> list[Row]:
    """Answers the lines of a trace whose tree starts at `roots`; with `full` a line a span."""
    lines: list[Row] = []
    for item in _siblings(roots, 0, full):
        if isinstance(item, Row):
            lines.append(item)
        else:
            lines += _below(item, 0, full)
    return lines


def _below(span: Span, depth: int, full: bool) -> Iterator[Row]:
    yield Row(
        depth,
        label(span),
        span.service,
        span.start,
        span.end,
        span.failed,
        detached=bool(span.parent_id) and depth == 0,
    )
    for item in _siblings(span.children, depth + 1, full):
        if isinstance(item, Row):
            yield item
        else:
            yield from _below(item, depth + 1, full)


def _siblings(spans: list[Span], depth: int, full: bool) -> list[Span | Row]:
    """The spans to draw at one place in the order of their start, with a row for each group that was folded."""
    groups: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in spans:
        if STEP not in span.attributes and not any(below.failed for below in walk(span)):
            groups[kind(span), span.service].append(span)
    hidden: set[str] = set()
    shown: list[tuple[float, Span | Row]] = []
    for (name, service), members in groups.items():
        if full or len(members) < FOLD_FROM:
            continue
        fewer = sorted(members, key=lambda s: s.seconds)[:-SLOWEST_SHOWN]
        hidden.update(span.span_id for span in fewer)
        spans_below = sum(1 for span in fewer for _ in walk(span))
        start, end = min(s.start for s in fewer), max(s.end for s in fewer)
        text = f"{name}: {len(fewer)} more"
        shown.append((start, Row(depth, text, service, start, end, False, folded=spans_below)))
    shown += [(span.start, span) for span in spans if span.span_id not in hidden]
    return [item for _, item in sorted(shown, key=lambda pair: pair[0])]


def kind(span: Span) -> str:
    """What a span has in common with its like: that it is of a cloud resource, else the first word of its name."""
    return "resources" if _resource(span) else span.name.split(" ", 1)[0]


def label(span: Span) -> str:
    """The span's name, and the resource it is about when the name does not say it."""
    address = _resource(span)
    return span.name if address in span.name else f"{span.name} {address}"


def _resource(span: Span) -> str:
    """The address of the cloud resource that a span is about; empty when it is about none."""
    found = (value for key, value in span.attributes.items() if "resource" in key and key.endswith("address"))
    return str(next(found, ""))
