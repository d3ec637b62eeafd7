"""Channels to other services: one long-lived channel a target."""

from collections.abc import Callable
from typing import Any

import grpc.aio

from libs.telemetry import SpanKind, current_traceparent, span


class _TraceInterceptor(grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        method = client_call_details.method
        name = (method.decode() if isinstance(method, bytes) else method).removeprefix("/")
        with span(name, kind=SpanKind.CLIENT, attributes={"rpc.system.name": "grpc", "rpc.method": name}):
            metadata = grpc.aio.Metadata(*(client_call_details.metadata or ()))
            metadata.add("traceparent", current_traceparent())
            return await continuation(client_call_details._replace(metadata=metadata), request)


def open_channel(address: str) -> grpc.aio.Channel:
    """A channel that reconnects by itself and carries the current trace. Close it at the end."""
    return grpc.aio.insecure_channel(
        address,
        options=[("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 2000)],
        interceptors=[_TraceInterceptor()],
    )
