"""Records what a release leaves in the registry's tables: an environment caught in every state.

At a release, `pytest tests/integration/handovers/recording.py tests/integration/handovers/recording_stages.py` writes
releases/present/; the folder is then given the release's name, and test_upgrade.py finds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from google.longrunning import operations_pb2
from google.protobuf.message import Message
from provisioning.environment.v1 import environment_service_pb2, hand_over_pb2
from provisioning.infra.v1 import events_pb2 as infra

from services.environment_registry.tables import METADATA
from tests.integration.environment_registry.conftest import Running, successes
from tests.integration.handovers.rows import Rows, dump, write

FOLDER = Path(__file__).with_name("releases") / "present"
BUILD = ("preflight", "state_backend", "deployment", "baseline", "beta9")
TEARDOWN = ("drain", "destroy", "release")
_NOT_RECORDED = ("changes", "change_horizon", "inbox")


class Catching:
    """Brings environments to where they are caught; answers are given one by one."""

    def __init__(self, registry: Running) -> None:
        self.registry = registry
        self.stages = registry.stages
        self.stages.held = {*BUILD, *TEARDOWN, "stop"}

    async def create(self, name: str, *stages: str) -> operations_pb2.Operation:
        """Creates one whose first `stages` succeed."""
        operation = await self.registry.create(name)
        for stage in stages:
            await self.succeed(name, stage)
        return operation

    async def active(self, name: str) -> None:
        await self.registry.done(await self.create(name, *BUILD))

    async def asked(self, name: str, stage: str) -> hand_over_pb2.HandOver:
        return await self._found(self.stages.requests, name, stage)

    async def stopping(self, name: str, stage: str) -> None:
        await self._found(self.stages.stops, name, stage)

    async def succeed(self, name: str, stage: str) -> None:
        key = await self.asked(name, stage)
        await self.stages.answer(key, *successes(key))

    async def tell(self, name: str, stage: str, message: Callable[[hand_over_pb2.HandOver], Message]) -> None:
        key = await self.asked(name, stage)
        await self.stages.tell(key, message(key))

    async def cancel(self, operation: operations_pb2.Operation) -> None:
        await self.registry.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=operation.name))

    async def update(self, name: str) -> None:
        found = await self.registry.get(name)
        found.spec.data.postgres.size = 2
        request = environment_service_pb2.UpdateEnvironmentRequest(environment=found)
        request.update_mask.paths.append("spec.data.postgres.size")
        await self.registry.environments.UpdateEnvironment(request)

    async def _found(self, requests: list[Message] | list[hand_over_pb2.StopRequested], name: str, stage: str):  # type: ignore[no-untyped-def]
        async with asyncio.timeout(20):
            while True:
                for request in requests:
                    key = request.hand_over  # type: ignore[union-attr]
                    if key.environment.endswith(f"/{name}") and key.stage == stage:
                        return key
                await asyncio.sleep(0.02)


async def catch_building(catching: Catching) -> None:
    for number, stage in enumerate(BUILD):
        name = f"asked-{stage.replace('_', '-')}"
        await catching.create(name, *BUILD[:number])
        await catching.asked(name, stage)
    await catching.create("running", *BUILD[:2])
    await catching.tell("running", "deployment", lambda key: hand_over_pb2.StepChanged(hand_over=key, step="apply"))
    for name in ("milestone", "failing"):
        await catching.create(name, *BUILD[:2])
        await catching.tell(name, "deployment", lambda key: infra.ClusterAvailable(hand_over=key))
        await catching.asked(name, "baseline")
    await catching.stages.fail(await catching.asked("failing", "deployment"))
    await catching.stopping("failing", "baseline")
    failed = await catching.create("failed", *BUILD[:2])
    await catching.stages.fail(await catching.asked("failed", "deployment"))
    await catching.registry.done(failed)
    await catching.active("active")
    await catching.active("updating")
    await catching.update("updating")


async def catch_ending(catching: Catching) -> None:
    registry, stages = catching.registry, catching.stages
    cancelling = await catching.create("cancelling", *BUILD[:2])
    await catching.asked("cancelling", "deployment")
    await catching.cancel(cancelling)
    await catching.stopping("cancelling", "deployment")
    cancelled = await catching.create("cancelled")
    key = await catching.asked("cancelled", "preflight")
    await catching.cancel(cancelled)
    await stages.answer(key, hand_over_pb2.StageStopped(hand_over=key))
    await registry.done(cancelled)
    for number, stage in enumerate(TEARDOWN):
        name = f"deleting-{stage}"
        await catching.active(name)
        await registry.delete(name)
        for before in TEARDOWN[:number]:
            await catching.succeed(name, before)
        await catching.asked(name, stage)
    await catching.create("superseding", *BUILD[:2])
    await catching.asked("superseding", "deployment")
    await registry.delete("superseding")
    await catching.stopping("superseding", "deployment")
    await catching.active("deleted")
    deleted = await registry.delete("deleted")
    for stage in TEARDOWN:
        await catching.succeed("deleted", stage)
    await registry.done(deleted)


def trimmed(rows: Rows) -> Rows:
    """Of the outbox what was asked last of each environment, as if the release had ended before it was published."""
    last = {}
    for row in sorted(rows["outbox"], key=lambda row: row["sequence"]):
        if row["subject"].startswith("provisioning.requests."):
            last[row["environment_uid"]] = {**row, "published_at": None, "claimed_until": None}
    return {name: ones for name, ones in rows.items() if name not in _NOT_RECORDED} | {"outbox": list(last.values())}


async def test_record(registry: Running) -> None:
    catching = Catching(registry)
    await catch_building(catching)
    await catch_ending(catching)
    async with registry.database.transaction() as connection:
        rows = await dump(connection, METADATA)
    write(FOLDER / "environment_registry.json", trimmed(rows))
