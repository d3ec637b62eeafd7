"""BootstrapService over gRPC: parses, calls, renders."""

from collections.abc import AsyncIterator
from typing import Any

from provisioning.bootstrap.v1 import bootstrap_pb2 as resources
from provisioning.bootstrap.v1 import bootstrap_service_pb2 as messages
from provisioning.bootstrap.v1 import bootstrap_service_pb2_grpc as service

from libs.failures import Actor, Failure, Kind
from libs.grpckit import current_principal
from libs.grpckit.pages import page_size, token_number, token_of
from libs.grpckit.requests import parse_name, timestamp, unimplemented
from libs.stages import Attempt, AttemptRepository
from libs.stages.log import LogReader
from libs.stages.rendering import attempt_failure, hand_over_of, stage_state, step_state


class BootstrapServicer(service.BootstrapServiceServicer):
    """See proto/provisioning/bootstrap/v1/bootstrap_service.proto for what each method promises."""

    def __init__(self, repository: AttemptRepository, logs: LogReader) -> None:
        self._repository = repository
        self._logs = logs

    async def GetBootstrap(self, request: messages.GetBootstrapRequest, context: Any) -> resources.Bootstrap:
        parts = parse_name("workspaces/{workspace}/bootstraps/{bootstrap}", request.name, "name")
        current_principal().require(parts["workspace"])
        attempt = await self._repository.find(parts["bootstrap"])
        if attempt is None or attempt.workspace != parts["workspace"]:
            raise Failure(
                "BOOTSTRAP_NOT_FOUND",
                f"There is no bootstrap {request.name}.",
                kind=Kind.NOT_FOUND,
                actor=Actor.CUSTOMER,
                remedy="ListBootstraps names those that there are.",
                resource_address=request.name,
            )
        return await self._bootstrap(attempt)

    async def ListBootstraps(
        self, request: messages.ListBootstrapsRequest, context: Any
    ) -> messages.ListBootstrapsResponse:
        workspace = parse_name("workspaces/{workspace}", request.parent, "parent")["workspace"]
        current_principal().require(workspace)
        size, offset = page_size(request.page_size), token_number(request.page_token) or 0
        attempts = self._repository.tables.attempts
        conditions = [attempts.c.workspace == workspace]
        if request.uid:
            parse_name("{uid}", request.uid, "uid")
            conditions.append(attempts.c.uid == request.uid)
        found = await self._repository.find_all(*conditions, limit=size + 1, offset=offset)
        return messages.ListBootstrapsResponse(
            bootstraps=[await self._bootstrap(attempt) for attempt in found[:size]],
            next_page_token=token_of(str(offset + size)) if len(found) > size else "",
        )

    async def StreamBootstrapLogs(
        self, request: messages.StreamBootstrapLogsRequest, context: Any
    ) -> AsyncIterator[messages.StreamBootstrapLogsResponse]:
        workspace = parse_name("workspaces/{workspace}", request.parent, "parent")["workspace"]
        current_principal().require(workspace)
        parse_name("{uid}", request.uid, "uid")
        lines = self._logs.read(workspace, request.uid, after=request.after, follow=request.follow)
        async for line in lines:
            yield messages.StreamBootstrapLogsResponse(line=line)

    async def GenerateKubeconfig(
        self, request: messages.GenerateKubeconfigRequest, context: Any
    ) -> messages.GenerateKubeconfigResponse:
        raise unimplemented("KUBECONFIG_NOT_SUPPORTED", "GenerateKubeconfig")

    async def _bootstrap(self, attempt: Attempt) -> resources.Bootstrap:
        steps = [
            resources.BootstrapStep(
                step=step.step,
                state=step_state(attempt, step),
                start_time=timestamp(step.started_at),
                end_time=timestamp(step.ended_at),
            )
            for step in await self._repository.steps(attempt.id)
        ]
        return resources.Bootstrap(
            name=f"workspaces/{attempt.workspace}/bootstraps/{attempt.id}",
            hand_over=hand_over_of(attempt),
            state=stage_state(attempt.state),
            steps=steps,
            failure=attempt_failure(attempt),
            create_time=timestamp(attempt.created_at),
            end_time=timestamp(attempt.ended_at),
        )
