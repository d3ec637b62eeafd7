"""Span files: whole lines, whoever writes them and whatever ends them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

from libs.beta9ctl import spans as reading
from libs.telemetry.json_lines import JsonLinesExporter

_WORKER = """
import os, signal, sys
from pathlib import Path
from libs.telemetry import Telemetry, current_traceparent, span

telemetry = Telemetry("infra-engine", "worker", spans_dir=Path(sys.argv[1]))
with span("attempt"):
    print(current_traceparent(), flush=True)
    with span("step", attributes={"text": "x\\ny"}):
        pass
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
telemetry.shutdown()
with span("after the shutdown"):
    pass
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spans" / "engine-worker.jsonl"


@pytest.fixture
def made() -> Callable[[str], ReadableSpan]:
    """Spans that have ended."""
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")

    def make(name: str) -> ReadableSpan:
        started: Any = tracer.start_span(name)
        started.end()
        return started  # type: ignore[no-any-return]

    return make


def names(path: Path) -> list[str]:
    """What the file's lines are of; a torn one is passed over, as the reader does."""
    return [found.name for line in path.read_text().splitlines() if (found := reading.parse(line))]


@pytest.mark.parametrize(("ending", "told"), [("killed", ["step"]), ("ended", ["step", "attempt"])])
def test_what_had_ended_before_a_process_did_is_in_its_file(tmp_path: Path, ending: str, told: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, str(tmp_path / "spans"), ending], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == (-signal.SIGKILL if ending == "killed" else 0), done.stderr
    assert "Traceback" not in done.stderr
    (file,) = (tmp_path / "spans").iterdir()
    assert file.name == "infra-engine-worker.jsonl" and names(file) == told
    trace_id = done.stdout.split("-")[1]
    found = reading.read(file.parent, [trace_id])[trace_id]
    assert {(span.service, span.attributes.get("text", "")) for span in found} >= {("infra-engine", "x\ny")}
    resource = json.loads(file.read_text().splitlines()[0])["resource"]["attributes"]
    assert (resource["service.namespace"], resource["service.instance.role"]) == ("beta9-provisioning", "worker")


def test_a_process_that_starts_again_goes_on_behind_a_torn_line(path: Path, made: Any) -> None:
    first = JsonLinesExporter(path)
    assert first.export([made("a"), made("b")]) is SpanExportResult.SUCCESS
    first.shutdown()
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    again = JsonLinesExporter(path)
    again.export([made("c")])
    again.shutdown()
    assert names(path) == ["a", "c"] and path.read_bytes().endswith(b"}\n")
    assert again.export([made("late")]) is SpanExportResult.FAILURE


def test_a_line_that_the_disk_had_no_room_for_does_not_take_the_next_with_it(path: Path, made: Any) -> None:
    exporter = JsonLinesExporter(path)
    exporter.export([made("a")])
    whole = exporter._file

    class Full:
        """A file on a disk that has room for ten bytes."""

        closed = False
        fileno = whole.fileno
        torn = False

        def write(self, data: bytes) -> int:
            if self.torn:
                return whole.write(data) or 0
            self.torn = True
            return whole.write(data[:10]) or 0

    exporter._file = Full()  # type: ignore[assignment]
    assert exporter.export([made("torn")]) is SpanExportResult.FAILURE
    assert exporter.export([made("b")]) is SpanExportResult.SUCCESS
    whole.close()
    assert names(path) == ["a", "b"] and len(path.read_text().splitlines()) == 3


def test_a_file_is_bounded_and_the_one_before_it_is_kept_and_read(path: Path, made: Any) -> None:
    exporter = JsonLinesExporter(path, largest_bytes=4000)
    spans = [made(f"s{number}") for number in range(40)]
    exporter.export(spans)
    exporter.shutdown()
    earlier = path.with_name("engine-worker.1.jsonl")
    assert sorted(path.parent.iterdir()) == [earlier, path]
    kept = [*names(earlier), *names(path)]
    assert kept == [f"s{number}" for number in range(40 - len(kept), 40)] and len(names(earlier)) > 2
    assert earlier.stat().st_size < 6000 and path.stat().st_size < 6000
    last = f"{spans[-1].context.trace_id:032x}"
    old = f"{spans[40 - len(kept)].context.trace_id:032x}"
    assert all(reading.read(path.parent, [last, old]).values()), "a trace may lie over both"


def test_two_processes_of_one_name_share_a_file_and_lose_nothing_at_its_end(path: Path, made: Any) -> None:
    one, other = JsonLinesExporter(path, largest_bytes=4000), JsonLinesExporter(path, largest_bytes=4000)
    line = len(json.dumps(json.loads(made("s0").to_json(indent=None)))) + 1
    for number in range(4000 // line + 1):
        (one, other)[number % 2].export([made(f"s{number}")])
    assert not path.with_name("engine-worker.1.jsonl").exists()
    one.export([made("moves")])
    other.export([made("follows")])
    one.export([made("goes on")])
    assert names(path) == ["moves", "follows", "goes on"]
    assert len(names(path.with_name("engine-worker.1.jsonl"))) == 4000 // line + 1
    one.shutdown()
    other.shutdown()


def test_threads_write_whole_lines(path: Path, made: Any) -> None:
    spans = [made(f"s{number}") for number in range(200)]
    sizes = [len(json.dumps(json.loads(span.to_json(indent=None)))) for span in spans]
    exporter = JsonLinesExporter(path, largest_bytes=sum(sizes) * 2 // 3)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda span: exporter.export([span]), spans))
    exporter.shutdown()
    files = list(path.parent.iterdir())
    assert len(files) == 2
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert {json.loads(line)["name"] for line in lines} == {f"s{number}" for number in range(200)}


def test_the_folder_is_made_and_files_of_another_are_left_alone(path: Path, made: Any) -> None:
    exporter = JsonLinesExporter(path.parent / "deeper" / "x.jsonl")
    exporter.export([made("a")])
    exporter.shutdown()
    assert os.listdir(path.parent) == ["deeper"]
