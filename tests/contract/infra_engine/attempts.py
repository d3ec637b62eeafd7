"""Attempts as a worker would leave them, and a reader of logs that tells when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from provisioning.environment.v1.hand_over_pb2 import LogLine
from provisioning.infra.v1.events_pb2 import DeploymentApplied, DeploymentRequested, DestroyRequested

from libs.eventing import environment_event
from libs.stages import AttemptState
from libs.stages.log import LogReader
from tests.contract.stages import Stage


async def ask(stage: Stage, operation: str, kind: str = "deployment", *, uid: str = "e1") -> str:
    """A hand-over to this service. Answers the attempt's id."""
    request = DestroyRequested() if kind == "destroy" else DeploymentRequested()
    return await stage.attempt(request, kind, uid=uid, operation=operation)


async def run(stage: Stage, identifier: str, outputs: Mapping[str, object] | None = None) -> None:
    """A worker takes it, and comes to have outputs."""
    assert await stage.repository.claim(identifier, fence=1, holder="worker") is not None
    if outputs is not None:
        await stage.repository.save(identifier, 1, {"outputs": dict(outputs)})


async def end(stage: Stage, identifier: str, state: AttemptState) -> None:
    attempt = await stage.repository.find(identifier)
    assert attempt is not None
    event = environment_event(
        DeploymentApplied(), area="infra", environment=attempt.environment, uid=attempt.uid, traceparent=""
    )
    await stage.repository.end(identifier, 1, state, event)


@dataclass(frozen=True, slots=True)
class WatchedReader(LogReader):
    """`begun` gets an item for each reading that is accepted, `ended` for each that is over, whatever ended it."""

    begun: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    ended: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def read(self, workspace: str, uid: str, *, after: int, follow: bool) -> AsyncIterator[LogLine]:
        self.begun.put_nowait(uid)
        try:
            async for line in LogReader.read(self, workspace, uid, after=after, follow=follow):
                yield line
        finally:
            self.ended.put_nowait(uid)
