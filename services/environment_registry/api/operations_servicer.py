"""google.longrunning.Operations over gRPC."""

from __future__ import annotations

from typing import Any

from google.longrunning import operations_pb2 as messages
from google.longrunning import operations_pb2_grpc as service
from google.protobuf import empty_pb2

from libs.grpckit import current_principal
from services.environment_registry.names import parse_operation, parse_parent
from services.environment_registry.reading import Reader
from services.environment_registry.registry import Registry

Context = Any  # grpc publishes no types

# A wait without a timeout, and the longest one: a little less than what proxies allow an idle call.
_DEFAULT_WAIT = 30.0
_LONGEST_WAIT = 300.0
# Kept back from the caller's deadline, so that the answer still reaches it.
_MARGIN = 0.1


class OperationsServicer(service.OperationsServicer):  # type: ignore[misc]
    """The operations of every workspace, by the names that the front door answers."""

    def __init__(self, registry: Registry, reader: Reader) -> None:
        self._registry = registry
        self._reader = reader

    async def GetOperation(self, request: messages.GetOperationRequest, context: Context) -> messages.Operation:
        name = parse_operation(request.name)
        current_principal().require(name.workspace)
        return await self._reader.operation(name)

    async def ListOperations(
        self, request: messages.ListOperationsRequest, context: Context
    ) -> messages.ListOperationsResponse:
        workspace = parse_parent(request.name.removesuffix("/operations"), "name")
        current_principal().require(workspace)
        page, token = await self._reader.operations(
            workspace, page_size=request.page_size, page_token=request.page_token, filter_text=request.filter
        )
        return messages.ListOperationsResponse(operations=page, next_page_token=token)

    async def WaitOperation(self, request: messages.WaitOperationRequest, context: Context) -> messages.Operation:
        name = parse_operation(request.name)
        current_principal().require(name.workspace)
        # By its parts: what no Duration may hold must not fail the call, and is bounded below.
        given = request.timeout.seconds + request.timeout.nanos / 1e9
        wished = given if request.HasField("timeout") else _DEFAULT_WAIT
        left = context.time_remaining()
        allowed = _LONGEST_WAIT if left is None else left - _MARGIN
        return await self._reader.wait(name, max(0.0, min(wished, allowed, _LONGEST_WAIT)))

    async def CancelOperation(self, request: messages.CancelOperationRequest, context: Context) -> empty_pb2.Empty:
        current_principal().require(parse_operation(request.name).workspace)
        await self._registry.cancel(request.name)
        return empty_pb2.Empty()

    async def DeleteOperation(self, request: messages.DeleteOperationRequest, context: Context) -> empty_pb2.Empty:
        current_principal().require(parse_operation(request.name).workspace)
        await self._registry.forget(request.name)
        return empty_pb2.Empty()
