"""Spans under a stored context: an operation's `traceparent` is kept on its row, and every step hangs under it.

A span of long work is never held open over a hand-over, because a crash would lose it: each step and attempt is a span
of its own, and a summary span with explicit times closes an operation.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from libs.telemetry.json_lines import JsonLinesExporter

Attribute = str | int | float | bool
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("beta9-provisioning")


class Telemetry:
    """The process's tracer provider; started once in `__main__`, shut down at its end.

    Args:
        service: `service.name`, such as "infra-engine".
        role: "api" or "worker", kept as `service.instance.role`.
        spans_dir: folder for a JSON-lines file of this process, or None.
        otlp: whether to export by OTLP/HTTP; the standard OTEL_EXPORTER_OTLP_* variables say where.
    """

    def __init__(self, service: str, role: str, *, spans_dir: Path | None = None, otlp: bool = False) -> None:
        resource = Resource.create(
            {
                "service.name": service,
                "service.namespace": "beta9-provisioning",
                "service.instance.role": role,
            }
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        if spans_dir is not None:
            # Written at once: a killed process keeps every span that had ended.
            self._provider.add_span_processor(
                SimpleSpanProcessor(JsonLinesExporter(spans_dir / f"{service}-{role}.jsonl"))
            )
        if otlp:
            self._provider.add_span_processor(BatchSpanProcessor(_otlp_exporter()))
        trace.set_tracer_provider(self._provider)

    def shutdown(self) -> None:
        """Flushes what is buffered and ends."""
        self._provider.shutdown()


def _otlp_exporter() -> SpanExporter:
    # Imported on demand: the exporter's HTTP stack costs memory that a process without an endpoint should not pay.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


@contextmanager
def span(
    name: str,
    *,
    parent: str | None = None,
    attributes: Mapping[str, Attribute] | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    links: tuple[str, ...] = (),
) -> Iterator[Span]:
    """A span under `parent` (a stored traceparent) or under the current one; an exception marks it as an error."""
    with _tracer.start_as_current_span(
        name,
        context=_context(parent),
        attributes=dict(attributes or {}),
        kind=kind,
        links=[link for text in links if (link := _link(text)) is not None],
    ) as current:
        yield current


def record_span(
    name: str,
    *,
    parent: str,
    start: datetime,
    end: datetime,
    attributes: Mapping[str, Attribute] | None = None,
    error: str = "",
) -> None:
    """Records a span that has already happened, such as an operation's summary or a Terraform resource."""
    finished = _tracer.start_span(
        name, context=_context(parent), attributes=dict(attributes or {}), start_time=_nanoseconds(start)
    )
    if error:
        finished.set_status(Status(StatusCode.ERROR, error))
    finished.end(end_time=max(_nanoseconds(end), _nanoseconds(start)))


def current_traceparent() -> str:
    """The W3C `traceparent` of the current span; empty when there is none."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent", "")


def new_root_traceparent(name: str, attributes: Mapping[str, Attribute] | None = None) -> str:
    """Records a short root span of a new trace, linked to the current one, and answers its traceparent."""
    here = current_traceparent()
    root = _tracer.start_span(
        name,
        context=otel_context.Context(),
        attributes=dict(attributes or {}),
        links=[link for link in [_link(here)] if link is not None],
    )
    with trace.use_span(root, end_on_exit=True):
        return current_traceparent()


def current_trace_id() -> str:
    """The hexadecimal trace id of the current span; empty when there is none."""
    return trace_id_of(current_traceparent())


def trace_id_of(traceparent: str) -> str:
    """The hexadecimal trace id of a `traceparent`; empty when it is not one."""
    found = trace.get_current_span(_context(traceparent)).get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else ""


def _context(traceparent: str | None) -> otel_context.Context | None:
    return None if traceparent is None else _propagator.extract({"traceparent": traceparent}, otel_context.Context())


def _link(traceparent: str) -> Link | None:
    if not traceparent:
        return None
    linked = trace.get_current_span(_context(traceparent)).get_span_context()
    return Link(linked) if linked.is_valid else None


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000_000)
