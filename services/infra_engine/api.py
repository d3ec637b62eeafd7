"""InfraService over gRPC: parses, calls, renders."""

import re
from collections.abc import AsyncIterator
from typing import Any

from provisioning.infra.v1 import deployment_pb2 as resources
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1 import infra_service_pb2_grpc as service

from libs.failures import Actor, Failure, FieldViolation, Kind
from libs.grpckit import current_principal
from libs.grpckit.pages import page_size, token_number, token_of, token_text
from libs.grpckit.requests import parse_name, unimplemented
from libs.stages import Attempt, AttemptRepository
from libs.stages.log import LogReader
from services.infra_engine.deployments import RUN_STAGES, Deployment
from services.infra_engine.rendering import change_message, deployment_message, revision_message
from services.infra_engine.repository import ChangeRepository, DeploymentRepository, revisions_of

_DEPLOYMENT = "workspaces/{workspace}/deployments/{uid}"
_REVISION = f"{_DEPLOYMENT}/revisions/{{revision}}"
_ID = re.compile("[a-z0-9-]{1,63}")


class InfraServicer(service.InfraServiceServicer):
    """See proto/provisioning/infra/v1/infra_service.proto for what each method promises."""

    def __init__(self, attempts: AttemptRepository, changes: ChangeRepository, logs: LogReader) -> None:
        self._attempts = attempts
        self._deployments = DeploymentRepository(attempts.database)
        self._changes = changes
        self._logs = logs

    async def GetDeployment(self, request: messages.GetDeploymentRequest, context: Any) -> resources.Deployment:
        return deployment_message(await self._deployment(request.name, "name"))

    async def ListDeployments(
        self, request: messages.ListDeploymentsRequest, context: Any
    ) -> messages.ListDeploymentsResponse:
        workspace = _checked("workspaces/{workspace}", request.parent, "parent")["workspace"]
        size, after = page_size(request.page_size), _id_of(request.page_token)
        found = await self._deployments.page(workspace, after=after, limit=size + 1)
        return messages.ListDeploymentsResponse(
            deployments=[deployment_message(deployment) for deployment in found[:size]],
            next_page_token=token_of(found[size - 1].uid) if len(found) > size else "",
        )

    async def GetRevision(self, request: messages.GetRevisionRequest, context: Any) -> resources.Revision:
        attempt = await self._revision(request.name, "name")
        return revision_message(attempt, (await self._changes.progress_of([attempt.id]))[attempt.id])

    async def ListRevisions(
        self, request: messages.ListRevisionsRequest, context: Any
    ) -> messages.ListRevisionsResponse:
        deployment = await self._deployment(request.parent, "parent")
        size, after = page_size(request.page_size), _id_of(request.page_token)
        last = await self._attempts.find(after) if after else None
        if after and not _is_revision(last, deployment.workspace, deployment.uid):
            raise _foreign_token()
        found = await self._attempts.find_all(*revisions_of(deployment, older_than=last), limit=size + 1)
        progress = await self._changes.progress_of([attempt.id for attempt in found[:size]])
        return messages.ListRevisionsResponse(
            revisions=[revision_message(attempt, progress[attempt.id]) for attempt in found[:size]],
            next_page_token=token_of(found[size - 1].id) if len(found) > size else "",
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
        parts = _checked(_DEPLOYMENT, request.name, "name")
        columns = self._attempts.tables.attempts.c
        # What this service does for an environment before its first apply has logs too.
        of_environment = (columns.workspace == parts["workspace"], columns.uid == parts["uid"])
        if not await self._attempts.find_all(*of_environment, limit=1):
            raise _no_deployment(request.name)
        lines = self._logs.read(parts["workspace"], parts["uid"], after=request.after, follow=request.follow)
        async for line in lines:
            yield messages.StreamDeploymentLogsResponse(line=line)

    async def _deployment(self, name: str, field: str) -> Deployment:
        parts = _checked(_DEPLOYMENT, name, field)
        found = await self._deployments.find(parts["workspace"], parts["uid"])
        if found is None:
            raise _no_deployment(name)
        return found

    async def _revision(self, name: str, field: str) -> Attempt:
        parts = _checked(_REVISION, name, field)
        attempt = await self._attempts.find(parts["revision"])
        if attempt is None or not _is_revision(attempt, parts["workspace"], parts["uid"]):
            raise _not_found("REVISION_NOT_FOUND", "revision", name, "ListRevisions names those that there are.")
        return attempt


def _checked(pattern: str, name: str, field: str) -> dict[str, str]:
    """The segments of a name in a workspace that the caller may act in."""
    parts = parse_name(pattern, name, field)
    current_principal().require(parts["workspace"])
    return parts


def _id_of(token: str) -> str:
    """The id that a page token holds; empty for the first page."""
    text = token_text(token)
    if text and not _ID.fullmatch(text):
        raise _foreign_token()
    return text


def _is_revision(attempt: Attempt | None, workspace: str, uid: str) -> bool:
    """Whether an attempt is there and is a run of that deployment."""
    return attempt is not None and (attempt.workspace, attempt.uid) == (workspace, uid) and attempt.stage in RUN_STAGES


def _no_deployment(name: str) -> Failure:
    return _not_found("DEPLOYMENT_NOT_FOUND", "deployment", name, "ListDeployments names those that there are.")


def _not_found(reason: str, what: str, name: str, remedy: str) -> Failure:
    return Failure(
        reason,
        f"There is no {what} {name}.",
        kind=Kind.NOT_FOUND,
        actor=Actor.CUSTOMER,
        remedy=remedy,
        resource_address=name,
    )


def _foreign_token() -> Failure:
    what = "is not one that this service gave"
    return Failure(
        "PAGE_TOKEN_INVALID",
        f"page_token {what}.",
        kind=Kind.INVALID_ARGUMENT,
        actor=Actor.CUSTOMER,
        remedy="Leave it out, or pass what the page before answered.",
        violations=[FieldViolation("page_token", what, "PAGE_TOKEN_INVALID")],
    )
