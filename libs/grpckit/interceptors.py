"""One interceptor around every handler: span, principal, typed errors.

It wraps handlers that return, that generate and that write to their context (as the health service's Watch does), and
leaves a cancelled call alone: an RPC's cancellation never cancels what it started.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.rpc import status_pb2
from grpc_status import rpc_status

from libs.failures import Actor, Failure, Kind
from libs.grpckit.errors import failure_to_status
from libs.grpckit.principals import PrincipalPort, set_principal
from libs.persistence import is_transient
from libs.telemetry import SpanKind, current_trace_id, span

_log = logging.getLogger(__name__)

# What answers without a principal: probes and reflection.
_OPEN = ("/grpc.health.", "/grpc.reflection.")


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Traces a call, identifies its caller, and turns a Failure into a rich status."""

    def __init__(self, principals: PrincipalPort) -> None:
        self._principals = principals

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        handler = await continuation(handler_call_details)
        if handler is None or handler_call_details.method.startswith(_OPEN):
            return handler
        metadata = {
            key: value for key, value in handler_call_details.invocation_metadata or () if isinstance(value, str)
        }
        call = _Call(self._principals, handler_call_details.method, metadata)
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                call.unary(handler.unary_unary), handler.request_deserializer, handler.response_serializer
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                call.stream(handler.unary_stream), handler.request_deserializer, handler.response_serializer
            )
        return handler


class _Call:
    def __init__(self, principals: PrincipalPort, method: str, metadata: dict[str, str]) -> None:
        self._principals = principals
        self._method = method
        self._metadata = metadata

    def unary(self, behavior: Any) -> Any:
        async def handle(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            with self._span() as current:
                try:
                    await self._enter()
                    return await behavior(request, context)
                except Exception as error:
                    status = self._status(error)
                    current.set_attribute("rpc.response.status_code", status.code)
                    await context.abort_with_status(rpc_status.to_status(status))

        return handle

    def stream(self, behavior: Any) -> Any:
        async def handle(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:
            # A stream's span covers its acceptance alone: it may stay open for as long as its client likes.
            with self._span():
                try:
                    await self._enter()
                except Exception as error:
                    await context.abort_with_status(rpc_status.to_status(self._status(error)))
            try:
                responses = behavior(request, context)
                if inspect.isawaitable(responses):
                    await responses
                    return
                async for response in responses:
                    yield response
            except grpc.aio.AbortError:
                raise
            except Exception as error:
                await context.abort_with_status(rpc_status.to_status(self._status(error)))

        return handle

    def _span(self) -> Any:
        service, _, method = self._method.removeprefix("/").partition("/")
        return span(
            f"{service}/{method}",
            parent=self._metadata.get("traceparent"),
            kind=SpanKind.SERVER,
            attributes={"rpc.system.name": "grpc", "rpc.method": f"{service}/{method}"},
        )

    async def _enter(self) -> None:
        set_principal(await self._principals.identify(self._metadata))

    def _status(self, error: Exception) -> status_pb2.Status:
        if isinstance(error, Failure):
            failure = error
        elif is_transient(error):
            failure = Failure(
                "DATABASE_UNAVAILABLE",
                "The database is away for a moment.",
                kind=Kind.UNAVAILABLE,
                retryable=True,
                actor=Actor.NOBODY,
                remedy="Try again.",
            )
        else:
            failure = Failure("INTERNAL", "The service failed in a way that it does not know.", kind=Kind.INTERNAL)
        if failure.kind in (Kind.INTERNAL, Kind.UNAVAILABLE):
            _log.error("%s: %s", self._method, failure.reason, exc_info=error)
        return failure_to_status(
            failure, trace_id=current_trace_id(), request_id=self._metadata.get("x-request-id", "")
        )
