"""Follows one run of Terraform: what it says becomes rows, events, log lines and spans, as it happens."""

from dataclasses import replace
from datetime import UTC, datetime

from provisioning.infra.v1.events_pb2 import DeploymentPlanned, ResourceChanged
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.stages import StepContext
from libs.stages.rendering import hand_over_of
from libs.telemetry import current_traceparent, record_span
from services.infra_engine.changes import INTENTS, Change, ChangeState, Intent, Progress
from services.infra_engine.rendering import change_message
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.terraform import MilestoneTracker
from services.infra_engine.terraform.events import (
    Diagnostic,
    Line,
    ResourceCompleted,
    ResourceFailed,
    ResourcePlanned,
    ResourceProgress,
    ResourceStarted,
)


class Follower:
    """Takes the lines of a plan, then those of its apply. `changes` are the plan's, by address."""

    def __init__(self, context: StepContext, repository: ChangeRepository, tracker: MilestoneTracker) -> None:
        self._context = context
        self._repository = repository
        self._tracker = tracker
        self.changes: dict[str, Change] = {}
        # What earlier workers of the attempt completed: their plans held it, the present one does not.
        self._done_before = 0

    def planned_line(self, line: Line) -> None:
        """One line of the plan."""
        self._say(line)
        self._tracker.observe(line.event)
        if isinstance(line.event, ResourcePlanned) and (intent := INTENTS.get(line.event.action)):
            self.changes[line.event.address] = Change(line.event.address, intent, number=len(self.changes) + 1)

    async def planned(self) -> None:
        """The plan is through: keeps what it changes, and says how much."""
        attempt, changes = self._context.attempt, list(self.changes.values())

        async def keep(connection: AsyncConnection) -> Progress:
            return await self._repository.plan(connection, attempt.id, changes)

        progress = await self._context.write(keep)
        self._done_before = progress.planned - len(changes)
        await self._context.emit(DeploymentPlanned(hand_over=hand_over_of(attempt), resources_planned=progress.planned))

    async def applied_line(self, line: Line) -> bool:
        """One line of the apply; True when a resource has been completed."""
        self._say(line)
        self._tracker.observe(line.event)
        event = line.event
        if isinstance(event, ResourceStarted):
            await self._change(event.address, ChangeState.IN_PROGRESS, resource_id=event.id)
        elif isinstance(event, ResourceProgress):
            await self._change(event.address, ChangeState.IN_PROGRESS)
        elif isinstance(event, ResourceCompleted):
            # A replacement is a delete and a create: only the second has reached what was planned.
            half = self._is_half(event)
            await self._change(
                event.address, ChangeState.IN_PROGRESS if half else ChangeState.RECONCILED, resource_id=event.id
            )
            return not half
        elif isinstance(event, ResourceFailed):
            await self._change(event.address, ChangeState.FAILED)
        elif isinstance(event, Diagnostic) and event.severity == "error" and event.address in self.changes:
            await self._change(event.address, ChangeState.FAILED, error=f"{event.summary} {event.detail}".strip())
        return False

    def _is_half(self, event: ResourceCompleted) -> bool:
        change = self.changes.get(event.address)
        return change is not None and change.intent is Intent.RECREATE and event.action == "delete"

    async def _change(self, address: str, state: ChangeState, *, resource_id: str = "", error: str = "") -> None:
        known = self.changes.get(address)
        if known is None:
            return
        now = datetime.now(UTC)
        change = replace(
            known,
            state=state,
            resource_id=resource_id or known.resource_id,
            error=error or known.error,
            started_at=known.started_at or now,
            ended_at=now if state in (ChangeState.RECONCILED, ChangeState.FAILED) else None,
        )
        self.changes[address] = change
        attempt = self._context.attempt

        async def keep(connection: AsyncConnection) -> None:
            await self._repository.update(connection, attempt.id, change)

        done = sum(one.state is ChangeState.RECONCILED for one in self.changes.values())
        await self._context.emit(
            ResourceChanged(
                hand_over=hand_over_of(attempt),
                change=change_message(attempt, change),
                resources_done=self._done_before + done,
                resources_planned=self._done_before + len(self.changes),
            ),
            also=keep,
        )
        if change.ended_at is not None and known.ended_at is None:
            self._record_span(change)

    def _record_span(self, change: Change) -> None:
        assert change.started_at is not None and change.ended_at is not None
        record_span(
            f"{change.intent.value.lower()} {change.address}",
            parent=current_traceparent(),
            start=change.started_at,
            end=change.ended_at,
            attributes={
                "beta9.terraform.address": change.address,
                "beta9.terraform.intent": change.intent.value,
                "beta9.resource.id": change.resource_id,
                "beta9.environment.uid": self._context.attempt.uid,
            },
            error=change.error or ("failed" if change.state is ChangeState.FAILED else ""),
        )

    def _say(self, line: Line) -> None:
        if line.text:
            self._context.log(line.text)
