"""A stored trace context: what hangs under it, and what is made of one that is none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer

from libs.telemetry import (
    SpanKind,
    current_trace_id,
    current_traceparent,
    new_root_traceparent,
    record_span,
    span,
    trace_id_of,
    traces,
)

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
STORED = f"00-{TRACE}-{PARENT}-01"
NONE = (
    "", "x", "a-b-c-d", f"00-{TRACE}-{PARENT}", f"ff-{TRACE}-{PARENT}-01", f"00-{'0' * 32}-{PARENT}-01",
    f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE[:-1]}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01-more",
)  # fmt: skip


async def test_a_stored_context_comes_back_from_a_span_below_it(spans: InMemorySpanExporter) -> None:
    with span("step", parent=STORED):
        stored = current_traceparent()
        assert current_trace_id() == trace_id_of(stored) == TRACE
        with span("child", attributes={"beta9.step": "plan", "n": 1}, kind=SpanKind.CLIENT):
            pass
    assert current_traceparent() == current_trace_id() == ""
    # Another process, later: under what was stored, whatever runs around it.
    with span("other"), span("hand-over", parent=stored):
        await asyncio.sleep(0)
        assert current_trace_id() == TRACE

    found = {one.name: one for one in spans.get_finished_spans()}
    step, child, handed, other = (found[name] for name in ("step", "child", "hand-over", "other"))
    assert step.parent is not None and f"{step.parent.span_id:016x}" == PARENT and step.parent.is_remote
    assert child.parent is not None and handed.parent is not None
    assert child.parent.span_id == handed.parent.span_id == step.context.span_id
    assert (dict(child.attributes or {}), child.kind) == ({"beta9.step": "plan", "n": 1}, SpanKind.CLIENT)
    assert other.parent is None and f"{other.context.trace_id:032x}" != TRACE


@pytest.mark.parametrize("stored", NONE)
def test_what_is_no_context_is_none_and_a_span_under_it_is_a_root(spans: InMemorySpanExporter, stored: str) -> None:
    assert trace_id_of(stored) == ""
    with span("around"), span("root", parent=stored, links=(stored,)):
        assert current_trace_id() != ""
    root, around = spans.get_finished_spans()
    assert (root.name, root.parent, list(root.links)) == ("root", None, [])
    assert root.context.trace_id != around.context.trace_id


def test_a_context_of_a_later_version_may_say_more() -> None:
    assert trace_id_of(f"01-{TRACE}-{PARENT}-01-more") == trace_id_of(STORED) == TRACE


def test_tasks_begun_in_a_span_are_below_it_and_threads_of_work_do_not_mix(spans: InMemorySpanExporter) -> None:
    async def work(name: str) -> str:
        with span(name):
            await asyncio.sleep(0)
            return current_trace_id()

    async def main() -> None:
        with span("a", parent=STORED):
            inside = asyncio.create_task(work("inside"))
        outside = asyncio.create_task(work("outside"))
        assert await inside == TRACE
        assert await outside not in (TRACE, "")

    asyncio.run(main())


def test_an_exception_marks_its_span_and_goes_on(spans: InMemorySpanExporter) -> None:
    with pytest.raises(LookupError), span("step"):
        raise LookupError("gone")
    (found,) = spans.get_finished_spans()
    assert not found.status.is_ok and found.status.description == "LookupError: gone"
    assert [event.name for event in found.events] == ["exception"]


def test_what_has_already_happened_is_recorded_with_its_times(spans: InMemorySpanExporter) -> None:
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    with span("around"):
        record_span("apply", parent=STORED, start=start, end=start + timedelta(minutes=9), attributes={"n": 1})
        record_span("failed", parent=STORED, start=start, end=start - timedelta(seconds=5), error="limit of 5")
    apply, failed, _ = spans.get_finished_spans()
    assert (apply.parent and apply.parent.span_id, f"{apply.context.trace_id:032x}") == (int(PARENT, 16), TRACE)
    assert (apply.end_time or 0) - (apply.start_time or 0) == 9 * 60 * 10**9
    assert apply.start_time == int(start.timestamp()) * 10**9 and not apply.status.description
    assert failed.end_time == failed.start_time, "a clock that was set back gives no span that ends before it starts"
    assert (failed.status.is_ok, failed.status.description) == (False, "limit of 5")


def test_a_new_root_is_linked_to_where_it_was_asked_for(spans: InMemorySpanExporter) -> None:
    with span("rpc", parent=STORED):
        stored = new_root_traceparent("operation", {"beta9.operation": "op-1"})
        assert current_trace_id() == TRACE
    assert trace_id_of(stored) not in ("", TRACE)
    root, rpc = spans.get_finished_spans()
    assert root.parent is None and root.name == "operation"
    assert [link.context.span_id for link in root.links] == [rpc.context.span_id]
    assert stored.startswith(f"00-{root.context.trace_id:032x}-{root.context.span_id:016x}-")
    with span("step", parent=stored, links=(STORED, "")):
        pass
    step = spans.get_finished_spans()[-1]
    assert step.parent is not None and step.parent.span_id == root.context.span_id
    assert [f"{link.context.trace_id:032x}" for link in step.links] == [TRACE]
    alone = new_root_traceparent("alone")
    assert trace_id_of(alone) and not spans.get_finished_spans()[-1].links


def test_without_a_provider_everything_is_still_there_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "_tracer", NoOpTracer())
    with span("step"):
        assert current_traceparent() == ""
    assert new_root_traceparent("operation") == ""
    with span("step", parent=STORED):
        assert current_trace_id() == TRACE, "a context that was given is handed on"
    record_span("x", parent="", start=datetime.now(UTC), end=datetime.now(UTC))
