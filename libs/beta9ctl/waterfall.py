"""Draws a trace as a waterfall of text."""

from __future__ import annotations

from collections.abc import Iterable

from libs.beta9ctl.folding import Row, rows
from libs.beta9ctl.spans import Span, tree

NARROWEST = 40
_WITH_SERVICE_FROM = 90
_RED, _DIM, _PLAIN = "\x1b[31m", "\x1b[2m", "\x1b[0m"


def draw(spans: list[Span], width: int, full: bool = False, colour: bool = False) -> list[str]:
    """Answers the lines, none wider than `width` columns (at least 40): name, service, bar and time of each span."""
    width = max(width, NARROWEST)
    lines = rows(tree(spans), full)
    if not lines:
        return []
    start = min(span.start for span in spans)
    whole = max(max(span.end for span in spans) - start, 1e-9)
    services = _column((row.service for row in lines), 24) if width >= _WITH_SERVICE_FROM else 0
    times = max(len(_time(row)) for row in lines)
    rest = width - times - (services + 2 if services else 0) - 4
    labels = _column((_label(row) for row in lines), rest * 3 // 5)
    bars = rest - labels
    drawn = []
    for row in lines:
        parts = [_fit(_label(row), labels)]
        if services:
            parts.append(_fit(row.service, services))
        parts.append(bar(row, start, whole, bars))
        parts.append(_time(row).rjust(times))
        drawn.append(_coloured("  ".join(parts).rstrip(), row, colour))
    return drawn


def bar(row: Row, start: float, whole: float, width: int) -> str:
    """The row's time within the trace's; one cell at least, so that the shortest is seen too."""
    first = min(int((row.start - start) / whole * width), width - 1)
    last = min(max(round((row.end - start) / whole * width), first + 1), width)
    return (" " * first + ("░" if row.folded else "█") * (last - first)).ljust(width)


def duration(seconds: float) -> str:
    """`3ms`, `1.2s`, `2m05s`, `1h02m`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def _label(row: Row) -> str:
    mark = "✗ " if row.failed else "… " if row.detached else ""
    return f"{'  ' * row.depth}{mark}{row.label}"


def _time(row: Row) -> str:
    return f"≤{duration(row.longest)}" if row.folded else duration(row.end - row.start)


def _column(texts: Iterable[str], widest: int) -> int:
    return min(max(len(text) for text in texts), widest)


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"


def _coloured(line: str, row: Row, colour: bool) -> str:
    if not colour or not (row.failed or row.folded):
        return line
    return f"{_RED if row.failed else _DIM}{line}{_PLAIN}"
