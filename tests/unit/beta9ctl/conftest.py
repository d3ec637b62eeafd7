"""Spans of an invented operation, in the lines that the OpenTelemetry SDK writes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

TRACE = 0x4BF92F3577B34DA6A3CE929D0E0E4736
OTHER = 0x00F067AA0BA902B700F067AA0BA902B7
EPOCH_SECONDS = 1_800_000_000


def context(span_id: int, trace_id: int = TRACE) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1))


@dataclass
class Trace:
    """Collects lines by the service that would have written them."""

    trace_id: int = TRACE
    lines: dict[str, list[str]] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add(
        self,
        name: str,
        start: float,
        end: float,
        *,
        parent: int | None = None,
        service: str = "environment-registry",
        failed: bool = False,
        links: tuple[int, ...] = (),
        **attributes: str,
    ) -> int:
        """Adds a span whose times are seconds from the operation's start; answers its id."""
        span_id = next(self._ids)
        span = ReadableSpan(
            name=name,
            context=context(span_id, self.trace_id),
            parent=context(parent, self.trace_id) if parent else None,
            resource=Resource({"service.name": service}),
            attributes={key.replace("__", "."): value for key, value in attributes.items()},
            links=[Link(context(99, trace_id)) for trace_id in links],
            status=Status(StatusCode.ERROR, "broken") if failed else Status(StatusCode.UNSET),
            start_time=int((EPOCH_SECONDS + start) * 1e9),
            end_time=int((EPOCH_SECONDS + end) * 1e9),
        )
        self.lines.setdefault(service, []).append(span.to_json(indent=None))
        return span_id


@pytest.fixture
def new_trace() -> type[Trace]:
    return Trace


@pytest.fixture
def create_trace() -> Trace:
    """A create with a state backend, a deployment of 40 resources and a bootstrap."""
    trace = Trace()
    registry, state, engine, boot = (
        "environment-registry",
        "state-backend-manager",
        "infra-engine",
        "cluster-bootstrapper",
    )
    root = trace.add("provisioning.environment.v1.EnvironmentService/CreateEnvironment", 0, 0.02, service=registry)
    for number in range(8):
        trace.add("process step_changed", 3 + number * 20, 3.004 + number * 20, parent=root, service=registry)
    trace.add("state_backend ensure_bucket", 0.1, 1.6, parent=root, service=state, beta9__step="ensure_bucket")
    for step, start, end in (("synthesize", 2, 2.2), ("init", 2.2, 3), ("plan", 3, 10.5)):
        trace.add(f"deployment {step}", start, end, parent=root, service=engine, beta9__step=step)
    apply = trace.add("deployment apply", 10.5, 130.5, parent=root, service=engine, beta9__step="apply")
    slow = {"aws_eks_cluster.this": 62.0, "aws_db_instance.this": 80.0, "aws_nat_gateway.this": 31.5}
    for number in range(40):
        address = list(slow)[number] if number < len(slow) else f"aws_subnet.private[{number}]"
        end = 11 + number + slow.get(address, 2.5)
        trace.add(
            f"create {address}", 11 + number, end, parent=apply, service=engine, beta9__terraform__address=address
        )
    trace.add("baseline install_cert_manager", 80, 92, parent=root, service=boot, beta9__step="install_cert_manager")
    trace.add("beta9 install", 131, 160, parent=root, service=boot, beta9__step="install")
    trace.add("operation create", 0, 161, parent=root, service=registry)
    return trace
