"""Traces and logs. The only room, beside the interceptors of grpckit, that knows OpenTelemetry."""

from opentelemetry.trace import SpanKind

from libs.telemetry.logs import configure_logging
from libs.telemetry.traces import (
    Telemetry,
    current_trace_id,
    current_traceparent,
    new_root_traceparent,
    record_span,
    span,
    trace_id_of,
)

__all__ = [
    "SpanKind",
    "Telemetry",
    "configure_logging",
    "current_trace_id",
    "current_traceparent",
    "new_root_traceparent",
    "record_span",
    "span",
    "trace_id_of",
]
