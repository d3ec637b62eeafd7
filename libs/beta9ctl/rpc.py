"""The connections to the platform's services, and calls over them that are repeated when that is safe."""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from types import TracebackType
from typing import Any

import grpc
import grpc.aio
from google.longrunning import operations_pb2_grpc
from provisioning.bootstrap.v1 import bootstrap_service_pb2_grpc
from provisioning.environment.v1 import environment_service_pb2_grpc
from provisioning.infra.v1 import infra_service_pb2_grpc
from provisioning.state.v1 import state_backend_service_pb2_grpc

from libs.beta9ctl.status import problem_of_call

CALL_SECONDS = 15.0
ATTEMPTS = 5
_PAGE_SIZE = 200
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
# Followers see a service that comes back within a second; gRPC's own waits between connection attempts reach minutes.
_CHANNEL_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    # A refused document's violations come in the trailers, all at once.
    ("grpc.max_metadata_size", 1024 * 1024),
]
# Generated without types.
_OPERATIONS: Any = operations_pb2_grpc
_ENVIRONMENTS: Any = environment_service_pb2_grpc
_INFRA: Any = infra_service_pb2_grpc
_BOOTSTRAP: Any = bootstrap_service_pb2_grpc
_STATE: Any = state_backend_service_pb2_grpc


def pause_seconds(attempt: int) -> float:
    """How long to wait before attempt `attempt` (from 1), in seconds: exponential, with jitter."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**attempt)
    return longest * (0.5 + random.random() / 2)


class Endpoint:
    """One service at one address. `name` is how messages to people call it."""

    def __init__(self, name: str, address: str, variable: str) -> None:
        self.name = name
        self.address = address
        self.variable = variable
        self.channel: Any = grpc.aio.insecure_channel(address, options=_CHANNEL_OPTIONS)

    async def call(self, method: Any, request: Any, seconds: float = CALL_SECONDS) -> Any:
        """Calls a unary method and answers its response; repeats it while the service is UNAVAILABLE (AIP-194).

        Only for requests that may arrive twice: reads, and writes that carry a request id or are idempotent.
        `seconds` bounds one attempt. Raises Problem.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await method(request, timeout=seconds)
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or attempt == ATTEMPTS:
                    raise problem_of_call(error, self.name, self.address, self.variable) from error
                await asyncio.sleep(pause_seconds(attempt))
        raise AssertionError("unreachable: the last attempt answers or raises")

    async def every(self, method: Any, request: Any, field: str) -> list[Any]:
        """What a List method answers in its `field`, all pages of it. Raises Problem."""
        request.page_size = _PAGE_SIZE
        found: list[Any] = []
        while True:
            page = await self.call(method, request)
            found += getattr(page, field)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


class Platform:
    """The services that commands talk to; an asynchronous context manager that closes what was opened."""

    def __init__(self, options: Namespace) -> None:
        self.registry = Endpoint("environment registry", options.address, "ENVIRONMENT_REGISTRY_ADDRESS")
        self.environments = _ENVIRONMENTS.EnvironmentServiceStub(self.registry.channel)
        self.operations = _OPERATIONS.OperationsStub(self.registry.channel)
        self._opened = [self.registry]
        self._options = options

    def infra(self) -> tuple[Endpoint, Any]:
        """The infra engine's endpoint and its InfraService."""
        endpoint = self._open("infra engine", self._options.infra_address, "INFRA_ENGINE_ADDRESS")
        return endpoint, _INFRA.InfraServiceStub(endpoint.channel)

    def bootstrap(self) -> tuple[Endpoint, Any]:
        """The cluster bootstrapper's endpoint and its BootstrapService."""
        address = self._options.bootstrapper_address
        endpoint = self._open("cluster bootstrapper", address, "CLUSTER_BOOTSTRAPPER_ADDRESS")
        return endpoint, _BOOTSTRAP.BootstrapServiceStub(endpoint.channel)

    def state(self) -> tuple[Endpoint, Any]:
        """The state-backend manager's endpoint and its StateBackendService."""
        address = self._options.state_address
        endpoint = self._open("state-backend manager", address, "STATE_BACKEND_MANAGER_ADDRESS")
        return endpoint, _STATE.StateBackendServiceStub(endpoint.channel)

    def _open(self, name: str, address: str, variable: str) -> Endpoint:
        endpoint = Endpoint(name, address, variable)
        self._opened.append(endpoint)
        return endpoint

    async def __aenter__(self) -> Platform:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for endpoint in self._opened:
            await endpoint.channel.close()
