"""EnvironmentService over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_pb2
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1 import environment_service_pb2_grpc as service

from libs.grpckit import current_principal
from services.environment_registry import refusals
from services.environment_registry.changes_feed import ChangeFeed, write_marker
from services.environment_registry.names import id_is_legal, invalid_name, parse_environment, parse_parent
from services.environment_registry.reading import Reader
from services.environment_registry.registry import Registry

Context = Any  # grpc publishes no types


class EnvironmentServicer(service.EnvironmentServiceServicer):
    """The front door. Permission is checked before existence."""

    def __init__(self, registry: Registry, reader: Reader, feed: ChangeFeed) -> None:
        self._registry = registry
        self._reader = reader
        self._feed = feed

    async def IssueExternalId(
        self, request: messages.IssueExternalIdRequest, context: Context
    ) -> messages.IssueExternalIdResponse:
        current_principal().require(parse_parent(request.parent))
        return messages.IssueExternalIdResponse(external_id=await self._registry.issue_external_id(request.parent))

    async def CreateEnvironment(
        self, request: messages.CreateEnvironmentRequest, context: Context
    ) -> operations_pb2.Operation:
        current_principal().require(parse_parent(request.parent))
        return await self._registry.create(request)

    async def GetEnvironment(
        self, request: messages.GetEnvironmentRequest, context: Context
    ) -> environment_pb2.Environment:
        name = parse_environment(request.name)
        current_principal().require(name.workspace)
        return await self._reader.environment(name)

    async def ListEnvironments(
        self, request: messages.ListEnvironmentsRequest, context: Context
    ) -> messages.ListEnvironmentsResponse:
        workspace = parse_parent(request.parent)
        current_principal().require(workspace)
        page, token = await self._reader.environments(
            workspace, page_size=request.page_size, page_token=request.page_token, deleted=request.show_deleted
        )
        return messages.ListEnvironmentsResponse(environments=page, next_page_token=token)

    async def UpdateEnvironment(
        self, request: messages.UpdateEnvironmentRequest, context: Context
    ) -> operations_pb2.Operation:
        name = parse_environment(request.environment.name, "environment.name")
        current_principal().require(name.workspace)
        return await self._registry.update(request)

    async def RotateCredentials(
        self, request: messages.RotateCredentialsRequest, context: Context
    ) -> operations_pb2.Operation:
        current_principal().require(parse_environment(request.name).workspace)
        return await self._registry.rotate(request)

    async def DeleteEnvironment(
        self, request: messages.DeleteEnvironmentRequest, context: Context
    ) -> operations_pb2.Operation:
        current_principal().require(parse_environment(request.name).workspace)
        return await self._registry.delete(request)

    async def RetryEnvironment(
        self, request: messages.RetryEnvironmentRequest, context: Context
    ) -> operations_pb2.Operation:
        current_principal().require(parse_environment(request.name).workspace)
        return await self._registry.retry(request)

    async def WatchEnvironments(
        self, request: messages.WatchEnvironmentsRequest, context: Context
    ) -> AsyncIterator[messages.WatchEnvironmentsResponse]:
        workspace = parse_parent(request.parent)
        current_principal().require(workspace)
        if request.environment_id and not id_is_legal(request.environment_id):
            raise invalid_name("environment_id", request.environment_id, "{environment}")
        async for change in self._feed.watch(workspace, request.environment_id, request.resume_marker):
            yield messages.WatchEnvironmentsResponse(
                environment=environment_pb2.Environment.FromString(change.environment),
                operation=operations_pb2.Operation.FromString(change.operation),
                resume_marker=write_marker(change.position),
            )

    async def ApproveEnvironmentPlan(
        self, request: messages.ApproveEnvironmentPlanRequest, context: Context
    ) -> operations_pb2.Operation:
        current_principal().require(parse_environment(request.name).workspace)
        raise _approval_not_supported("ApproveEnvironmentPlan")

    async def RejectEnvironmentPlan(
        self, request: messages.RejectEnvironmentPlanRequest, context: Context
    ) -> operations_pb2.Operation:
        current_principal().require(parse_environment(request.name).workspace)
        raise _approval_not_supported("RejectEnvironmentPlan")


def _approval_not_supported(method: str) -> Exception:
    return refusals.not_supported(
        "APPROVAL_NOT_SUPPORTED", method, "Plans are applied without approval; cancel the operation to stop one."
    )
