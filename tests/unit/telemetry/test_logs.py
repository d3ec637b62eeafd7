"""Log lines: one JSON object a record, with the trace that it belongs to."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.telemetry import configure_logging, span
from libs.telemetry.logs import JsonFormatter

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def line(record: logging.LogRecord) -> dict[str, Any]:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def record(message: str = "hello", *arguments: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("test.logs").makeRecord(
        "test.logs", logging.WARNING, "file.py", 1, message, arguments, None, extra=extra
    )


def test_a_record_is_one_line_with_its_time_in_utc() -> None:
    made = record("%d of %s\nmore", 3, "x")
    made.created = 1_800_000_000.25
    assert line(made) == {
        "time": "2027-01-15T08:00:00.250+00:00",
        "level": "WARNING",
        "logger": "test.logs",
        "message": "3 of x\nmore",
    }


def test_a_record_in_a_span_carries_its_trace(spans: InMemorySpanExporter) -> None:
    with span("step", parent=f"00-{TRACE}-00f067aa0ba902b7-01") as current:
        found = line(record())
    assert (found["trace_id"], found["span_id"]) == (TRACE, f"{current.get_span_context().span_id:016x}")
    assert "trace_id" not in line(record())


def test_extras_are_kept_but_never_in_the_place_of_what_a_line_always_has(spans: InMemorySpanExporter) -> None:
    with span("step", parent=f"00-{TRACE}-00f067aa0ba902b7-01"):
        found = line(record(uid="e1", path=Path("/x"), level="none", time="never", trace_id="forged"))
    assert (found["uid"], found["path"]) == ("e1", "/x")
    assert (found["level"], found["trace_id"]) == ("WARNING", TRACE) and found["time"] != "never"


def test_an_exception_and_a_stack_stay_on_the_line() -> None:
    made = record()
    try:
        raise LookupError("gone")
    except LookupError:
        made.exc_info = sys.exc_info()
    made.stack_info = "Stack (most recent call last):\n  here"
    found = line(made)
    assert found["exception"].endswith("LookupError: gone") and found["stack"].endswith("  here")
    assert "exc_info" not in found


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_every_logger_speaks_json_on_standard_error(
    root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("WARNING")
    logging.getLogger("some.library").info("not told")
    logging.getLogger("some.library").error("told")
    out, err = capsys.readouterr()
    assert out == "" and [json.loads(text)["message"] for text in err.splitlines()] == ["told"]
