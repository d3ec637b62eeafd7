"""`Server`: a grpc.aio server with what every service has."""

from collections.abc import Callable, Sequence
from typing import Any

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from libs.failures import Actor, Failure, Kind
from libs.grpckit.interceptors import CallInterceptor
from libs.grpckit.principals import PrincipalPort

# 4 MiB is grpc's own default for messages; it is written down because clients rest on it.
_MESSAGE_BYTES = 4 * 1024 * 1024


class Server:
    """Serves on one address until stopped.

    Args:
        address: `host:port`; the host must be a loopback address as long as there is no authentication.
        services: full names of the services, for health and reflection.
        register: adds the servicers.
        principals: who calls.
    """

    def __init__(
        self,
        address: str,
        services: Sequence[str],
        register: Callable[[grpc.aio.Server], Any],
        principals: PrincipalPort,
    ) -> None:
        self._address = address
        self._services = services
        self._server = grpc.aio.server(
            interceptors=[CallInterceptor(principals)],
            options=[
                ("grpc.max_receive_message_length", _MESSAGE_BYTES),
                ("grpc.max_send_message_length", _MESSAGE_BYTES),
                ("grpc.so_reuseport", 0),
                ("grpc.max_connection_age_ms", 30 * 60 * 1000),
            ],
        )
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        register(self._server)
        reflection.enable_server_reflection((*services, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)

    async def start(self) -> None:
        """Listens. Raises Failure (ADDRESS_TAKEN) when the port is not free."""
        try:
            port = self._server.add_insecure_port(self._address)
        except RuntimeError as error:
            raise Failure(
                "ADDRESS_TAKEN",
                f"{self._address} cannot be listened on.",
                kind=Kind.UNAVAILABLE,
                actor=Actor.PLATFORM,
                remedy="Stop what listens there, or set this service's *_ADDRESS variable to a free port.",
            ) from error
        self.port: int = port
        await self._server.start()
        for service in ("", *self._services):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace_seconds: float) -> None:
        """Tells health probes first, then lets running calls end within the grace."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)
