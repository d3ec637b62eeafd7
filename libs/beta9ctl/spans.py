"""Reads the span files that the platform's processes write, and joins the spans of one trace into a tree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass
class Span:
    """One span; times are seconds since the epoch, ids hexadecimal without a prefix."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start: float
    end: float
    service: str
    failed: bool
    attributes: dict[str, Any]
    linked_traces: tuple[str, ...]
    data: dict[str, Any] = field(repr=False)
    children: list[Span] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


def read(directory: Path, trace_ids: Iterable[str]) -> dict[str, list[Span]]:
    """Answers the spans of each trace that the `*.jsonl` files of `directory` hold, by start.

    A line that a killed process left torn is passed over.
    """
    found: dict[str, dict[str, Span]] = {trace_id: {} for trace_id in trace_ids}
    for path in sorted(directory.glob("*.jsonl")):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if any(trace_id in line for trace_id in found):
                    span = parse(line)
                    if span and span.trace_id in found:
                        found[span.trace_id][span.span_id] = span
    return {trace_id: sorted(spans.values(), key=lambda s: (s.start, s.end)) for trace_id, spans in found.items()}


def parse(line: str) -> Span | None:
    """Answers the span of one line (the OpenTelemetry SDK's JSON), or nothing when the line is not whole."""
    try:
        data = json.loads(line)
        context = data["context"]
        return Span(
            name=data["name"],
            trace_id=_id(context["trace_id"]),
            span_id=_id(context["span_id"]),
            parent_id=_id(data.get("parent_id")),
            start=_seconds(data["start_time"]),
            end=_seconds(data["end_time"]),
            service=str((data.get("resource") or {}).get("attributes", {}).get("service.name", "")),
            failed=(data.get("status") or {}).get("status_code") == "ERROR",
            attributes=data.get("attributes") or {},
            linked_traces=tuple(_id(link["context"]["trace_id"]) for link in data.get("links") or ()),
            data=data,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def tree(spans: list[Span]) -> list[Span]:
    """Hangs each span under its parent, by start; answers those whose parent is not there."""
    by_id = {span.span_id: span for span in spans}
    roots: list[Span] = []
    for span in spans:
        span.children = []
    for span in spans:
        parent = by_id.get(span.parent_id)
        (roots if parent is None or parent is span else parent.children).append(span)
    return roots


def walk(span: Span) -> Iterator[Span]:
    """Yields the span and all below it."""
    yield span
    for child in span.children:
        yield from walk(child)


def _id(value: str | None) -> str:
    return (value or "").removeprefix("0x")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
