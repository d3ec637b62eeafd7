"""Attempts of a stage service in a real Postgres, and what its API refuses."""

from __future__ import annotations

from collections.abc import Awaitable

import grpc.aio
import pytest
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from provisioning.environment.v1.hand_over_pb2 import HandOver, StageFailed

from libs.eventing import environment_event
from libs.failures import Failure
from libs.grpckit import failure_from_error
from libs.persistence import Database
from libs.stages import AttemptRepository, AttemptState, StageTables
from libs.stages.attempts import attempt_id
from libs.stages.log import LogWriter

WORKSPACE = "acme"


class Stage:
    """One stage service's attempts, and a channel to its API."""

    def __init__(self, database: Database, tables: StageTables, channel: grpc.aio.Channel) -> None:
        self.database = database
        self.repository = AttemptRepository(database, tables)
        self.channel = channel

    async def attempt(
        self, request: Message, stage: str, *, uid: str, operation: str = "op-1", workspace: str = WORKSPACE
    ) -> str:
        """A hand-over as a request's consumer would write it. Answers the attempt's id."""
        identifier = attempt_id(operation, stage, 1)
        environment = f"workspaces/{workspace}/environments/{uid}"
        request.hand_over.CopyFrom(  # type: ignore[attr-defined]
            HandOver(environment=environment, uid=uid, operation=operation, stage=stage, attempt=1)
        )
        async with self.database.transaction() as connection:
            await self.repository.insert(
                connection,
                id=identifier,
                workspace=workspace,
                environment=environment,
                uid=uid,
                operation=operation,
                stage=stage,
                number=1,
                request_type=request.DESCRIPTOR.full_name,
                request=MessageToJson(request),
                state="REQUESTED",
            )
        return identifier

    async def log(self, uid: str, identifier: str, step: str, *lines: str) -> None:
        writer = LogWriter(self.database, self.repository.tables, uid, identifier)
        writer.enter(step)
        for line in lines:
            writer.add(line)
        await writer.flush()

    async def fail(self, identifier: str, failure: Failure) -> None:
        """Its first step done, its second failed."""
        claimed = await self.repository.claim(identifier, fence=1, holder="worker")
        assert claimed is not None
        await self.repository.begin_step(identifier, 1, "first", [])
        await self.repository.end_step(identifier, 1, "first")
        await self.repository.begin_step(identifier, 1, "second", [])
        event = environment_event(
            StageFailed(), area="infra", environment=claimed.environment, uid=claimed.uid, traceparent=""
        )
        await self.repository.end(identifier, 1, AttemptState.FAILED, event, failure)

    async def refusal(self, call: Awaitable[object]) -> tuple[str, str]:
        """What a call is refused with: status and reason."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        return caught.value.code().name, failure_from_error(caught.value).reason
