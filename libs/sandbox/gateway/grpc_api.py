"""gRPC health and `gateway.GatewayService/Authorize`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health as grpc_health
from grpc_health.v1 import health_pb2, health_pb2_grpc

from .health import Health
from .protocol import AUTHORIZE, SERVICE, AuthorizeRequest, AuthorizeResponse
from .workspaces import Workspaces

_PROBES = ("", "readiness", "liveness")


class GatewayServer:
    """The gRPC side on a loopback port. `workspaces` gives the workspaces of the database in use, None
    without one."""

    def __init__(self, port: int, workspaces: Callable[[], Workspaces | None]) -> None:
        self._workspaces = workspaces
        self._health = grpc_health.HealthServicer()
        # Reuse of the port is on by default where it exists, which lets it be held until here.
        self._server = grpc.server(ThreadPoolExecutor(max_workers=4))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        handler = grpc.unary_unary_rpc_method_handler(
            self._authorize,
            request_deserializer=AuthorizeRequest.FromString,
            response_serializer=AuthorizeResponse.SerializeToString,
        )
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {AUTHORIZE: handler}),))
        self._server.add_insecure_port(f"127.0.0.1:{port}")
        self.tell(Health(("the gateway is starting",)))

    def start(self) -> None:
        """Start to answer."""
        self._server.start()

    def stop(self) -> None:
        """Refuse new calls and end those that run."""
        self._server.stop(grace=None).wait()

    def tell(self, health: Health) -> None:
        """Let the health service say what `health` says."""
        serving = health_pb2.HealthCheckResponse.SERVING
        status = serving if health.ok else health_pb2.HealthCheckResponse.NOT_SERVING
        for probe in _PROBES:
            self._health.set(probe, status)

    def _authorize(self, request: Message, context: grpc.ServicerContext) -> Message:
        workspaces = self._workspaces()
        if workspaces is None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the gateway has no database to work on")
        answer = workspaces.authorize(_bearer(context))
        if not answer.ok:
            return AuthorizeResponse(ok=False, error_msg="Invalid token")
        return AuthorizeResponse(ok=True, workspace_id=answer.workspace_id, new_token=answer.new_token)


def _bearer(context: grpc.ServicerContext) -> str | None:
    for key, value in context.invocation_metadata():
        if key == "authorization":
            return str(value).removeprefix("Bearer ")
    return None
