"""InfraService over gRPC: parses, calls, renders."""

from collections.abc import AsyncIterator
from typing import Any

from provisioning.infra.v1 import deployment_pb2 as resources
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1 import infra_service_pb2_grpc as service

from libs.failures import Actor, Failure, Kind
from libs.grpckit import current_principal
from libs.grpckit.pages import page_size, token_number, token_of, token_text
from libs.grpckit.requests import parse_name, unimplemented
from libs.stages import Attempt, AttemptRepository
from libs.stages.log import LogReader
from services.infra_engine.rendering import change_message, deployment_message, revision_message
from services.infra_engine.repository import ChangeRepository

_DEPLOYMENT = "workspaces/{workspace}/deployments/{uid}"
_REVISION = f"{_DEPLOYMENT}/revisions/{{revision}}"


class InfraServicer(service.InfraServiceServicer):
    """See proto/provisioning/infra/v1/infra_service.proto for what each method promises."""

    def __init__(self, attempts: AttemptRepository, changes: ChangeRepository, logs: LogReader) -> None:
        self._attempts = attempts
        self._changes = changes
        self._logs = logs

    async def GetDeployment(self, request: messages.GetDeploymentRequest, context: Any) -> resources.Deployment:
        newest, first = await self._deployment(request.name, "name")
        return deployment_message(newest, first)

    async def ListDeployments(
        self, request: messages.ListDeploymentsRequest, context: Any
    ) -> messages.ListDeploymentsResponse:
        workspace = parse_name("workspaces/{workspace}", request.parent, "parent")["workspace"]
        current_principal().require(workspace)
        size, after = page_size(request.page_size), token_text(request.page_token)
        uids = await self._attempts.uids(workspace, after=after, limit=size + 1)
        found = [await self._deployment(f"workspaces/{workspace}/deployments/{uid}", "name") for uid in uids[:size]]
        return messages.ListDeploymentsResponse(
            deployments=[deployment_message(newest, first) for newest, first in found],
            next_page_token=token_of(uids[size - 1]) if len(uids) > size else "",
        )

    async def GetRevision(self, request: messages.GetRevisionRequest, context: Any) -> resources.Revision:
        attempt = await self._revision(request.name, "name")
        return revision_message(attempt, await self._changes.progress_of(attempt.id))

    async def ListRevisions(
        self, request: messages.ListRevisionsRequest, context: Any
    ) -> messages.ListRevisionsResponse:
        newest, _ = await self._deployment(request.parent, "parent")
        size, offset = page_size(request.page_size), token_number(request.page_token) or 0
        uid = self._attempts.tables.attempts.c.uid == newest.uid
        found = await self._attempts.find_all(uid, limit=size + 1, offset=offset)
        return messages.ListRevisionsResponse(
            revisions=[
                revision_message(attempt, await self._changes.progress_of(attempt.id)) for attempt in found[:size]
            ],
            next_page_token=token_of(str(offset + size)) if len(found) > size else "",
        )

    async def ListResourceChanges(
        self, request: messages.ListResourceChangesRequest, context: Any
    ) -> messages.ListResourceChangesResponse:
        attempt = await self._revision(request.parent, "parent")
        size, after = page_size(request.page_size), token_number(request.page_token) or 0
        found = await self._changes.page(attempt.id, after=after, limit=size + 1)
        return messages.ListResourceChangesResponse(
            resource_changes=[change_message(attempt, change) for change in found[:size]],
            next_page_token=token_of(str(found[size - 1].number)) if len(found) > size else "",
        )

    async def PreviewDeployment(
        self, request: messages.PreviewDeploymentRequest, context: Any
    ) -> messages.PreviewDeploymentResponse:
        raise unimplemented("PREVIEW_NOT_SUPPORTED", "PreviewDeployment")

    async def StreamDeploymentLogs(
        self, request: messages.StreamDeploymentLogsRequest, context: Any
    ) -> AsyncIterator[messages.StreamDeploymentLogsResponse]:
        newest, _ = await self._deployment(request.name, "name")
        lines = self._logs.read(newest.workspace, newest.uid, after=request.after, follow=request.follow)
        async for line in lines:
            yield messages.StreamDeploymentLogsResponse(line=line)

    async def _deployment(self, name: str, field: str) -> tuple[Attempt, Attempt]:
        """The newest and the first attempt of a deployment."""
        parts = parse_name(_DEPLOYMENT, name, field)
        current_principal().require(parts["workspace"])
        columns = self._attempts.tables.attempts.c
        of_deployment = (columns.workspace == parts["workspace"], columns.uid == parts["uid"])
        newest = await self._attempts.find_all(*of_deployment, limit=1)
        if not newest:
            raise _not_found("DEPLOYMENT_NOT_FOUND", "deployment", name, "ListDeployments names those that there are.")
        first = await self._attempts.find_all(*of_deployment, limit=1, oldest_first=True)
        return newest[0], first[0]

    async def _revision(self, name: str, field: str) -> Attempt:
        parts = parse_name(_REVISION, name, field)
        current_principal().require(parts["workspace"])
        attempt = await self._attempts.find(parts["revision"])
        if attempt is None or (attempt.workspace, attempt.uid) != (parts["workspace"], parts["uid"]):
            raise _not_found("REVISION_NOT_FOUND", "revision", name, "ListRevisions names those that there are.")
        return attempt


def _not_found(reason: str, what: str, name: str, remedy: str) -> Failure:
    return Failure(
        reason,
        f"There is no {what} {name}.",
        kind=Kind.NOT_FOUND,
        actor=Actor.CUSTOMER,
        remedy=remedy,
        resource_address=name,
    )
