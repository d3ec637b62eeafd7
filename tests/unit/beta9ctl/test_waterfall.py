"""Traces: files joined to a tree, and the tree drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from libs.beta9ctl import spans, waterfall
from libs.beta9ctl.folding import rows

SNAPSHOT = Path(__file__).parent / "waterfall.txt"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def _write(trace: Any, directory: Path) -> Path:
    for service, lines in trace.lines.items():
        with (directory / f"{service}.jsonl").open("a") as file:
            file.write("\n".join(lines) + "\n")
    return directory


@pytest.fixture
def joined(create_trace: Any, tmp_path: Path) -> list[spans.Span]:
    return spans.read(_write(create_trace, tmp_path), [TRACE_ID])[TRACE_ID]


def test_the_picture_of_a_create(joined: list[spans.Span]) -> None:
    assert "\n".join(waterfall.draw(joined, 110)) + "\n" == SNAPSHOT.read_text()


@pytest.mark.parametrize("width", [10, 40, 79, 90, 100, 200])
@pytest.mark.parametrize("full", [False, True])
def test_no_line_is_wider_than_the_terminal(joined: list[spans.Span], width: int, full: bool) -> None:
    lines = waterfall.draw(joined, width, full)

    assert max(map(len, lines)) <= max(width, waterfall.NARROWEST)
    assert len(lines) == len(joined) if full else len(lines) < 20


def test_spans_of_all_files_are_joined_and_others_left_out(create_trace: Any, new_trace: Any, tmp_path: Path) -> None:
    other = new_trace(trace_id=7)
    other.add("operation delete", 0, 1, links=(int(TRACE_ID, 16),))
    _write(create_trace, tmp_path)
    _write(other, tmp_path)

    found = spans.read(tmp_path, [TRACE_ID, "00" * 15 + "07"])

    assert len(found[TRACE_ID]) == sum(map(len, create_trace.lines.values()))
    [delete] = found["00" * 15 + "07"]
    assert delete.linked_traces == (TRACE_ID,)
    assert {span.service for span in found[TRACE_ID]} >= {"infra-engine", "cluster-bootstrapper"}


def test_a_torn_line_is_passed_over(create_trace: Any, tmp_path: Path) -> None:
    _write(create_trace, tmp_path)
    whole = len(spans.read(tmp_path, [TRACE_ID])[TRACE_ID])
    path = tmp_path / "infra-engine.jsonl"
    path.write_text(path.read_text()[:-200])

    assert len(spans.read(tmp_path, [TRACE_ID])[TRACE_ID]) == whole - 1


def test_a_span_whose_parent_has_not_ended_is_drawn_as_detached(new_trace: Any, tmp_path: Path) -> None:
    trace = new_trace()
    trace.add("deployment apply", 1, 2, parent=77)

    [line] = waterfall.draw(spans.read(_write(trace, tmp_path), [TRACE_ID])[TRACE_ID], 80)

    assert line.startswith("… deployment apply")


def test_a_failed_span_is_never_folded(new_trace: Any, tmp_path: Path) -> None:
    trace = new_trace()
    root = trace.add("operation create", 0, 100)
    for number in range(30):
        trace.add(
            f"create a{number}",
            number,
            number + 1,
            parent=root,
            failed=number == 17,
            beta9__terraform__address=f"a{number}",
        )

    lines = waterfall.draw(spans.read(_write(trace, tmp_path), [TRACE_ID])[TRACE_ID], 80, colour=True)

    assert any("✗ create a17" in line and line.startswith("\x1b[31m") for line in lines)
    assert any("resources: 26 more" in line for line in lines)


def test_steps_are_never_folded(new_trace: Any, tmp_path: Path) -> None:
    trace = new_trace()
    for number in range(20):
        trace.add(f"deployment step_{number}", number, number + 1, beta9__step=f"step_{number}")

    roots = spans.tree(spans.read(_write(trace, tmp_path), [TRACE_ID])[TRACE_ID])

    assert len(rows(roots, full=False)) == 20


def test_nothing_is_drawn_of_nothing() -> None:
    assert waterfall.draw([], 80) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (0.0034, "3ms"),
        (0.9996, "1.0s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (125, "2m05s"),
        (3725, "1h02m"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert waterfall.duration(seconds) == text
