"""Follows one run of Terraform: what it says becomes rows, events, log lines and spans, as it happens."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from provisioning.infra.v1.events_pb2 import DeploymentPlanned, ResourceChanged
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.stages import StepContext
from libs.stages.rendering import hand_over_of
from libs.telemetry import current_traceparent, record_span
from services.infra_engine.changes import INTENTS, Change, ChangeState, Intent, KeptPlan
from services.infra_engine.impact import WeighedChange
from services.infra_engine.rendering import change_message, weighed_message
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.terraform import MilestoneTracker
from services.infra_engine.terraform.events import (
    Diagnostic,
    Line,
    Outputs,
    ResourceCompleted,
    ResourceFailed,
    ResourcePlanned,
    ResourceProgress,
    ResourceStarted,
)

# What an operation's metadata holds at most; the deployment's revision has them all.
_MOST_TOLD = 100


class Follower:
    """Takes the lines of a plan, then those of its apply. `changes` are the plan's, by address.

    An error of a sink (the database is away, the lease is lost) comes out of the line that it happened at.
    """

    def __init__(self, context: StepContext, repository: ChangeRepository, tracker: MilestoneTracker) -> None:
        self._context = context
        self._repository = repository
        self._tracker = tracker
        self.changes: dict[str, Change] = {}
        self.outputs_change = False
        # What earlier workers of the attempt completed: their plans held it, the present one does not.
        self._done_before = 0
        self._halves: dict[str, set[str]] = {}
        self._with_span: set[str] = set()

    def planned_line(self, line: Line) -> None:
        """One line of the plan."""
        self._say(line)
        self._tracker.observe(line.event)
        if isinstance(line.event, Outputs) and line.event.change:
            self.outputs_change = True
        if isinstance(line.event, ResourcePlanned) and (intent := INTENTS.get(line.event.action)):
            self.changes[line.event.address] = Change(line.event.address, intent, number=len(self.changes) + 1)

    async def planned(self, weighed: Sequence[WeighedChange] = ()) -> None:
        """The plan is through: keeps what it changes, and says how much, and how weighty what is no create is."""
        impacts = {one.address: one.impact for one in weighed}
        attempt = self._context.attempt
        changes = [replace(one, impact=impacts.get(one.address, one.impact)) for one in self.changes.values()]

        async def keep(connection: AsyncConnection) -> KeptPlan:
            return await self._repository.plan(connection, attempt.id, changes)

        kept = await self._context.write(keep)
        # What an earlier worker of the attempt planned has its number from there.
        self.changes = {change.address: replace(change, number=kept.numbers[change.address]) for change in changes}
        self._done_before = kept.progress.planned - len(changes)
        planned = DeploymentPlanned(
            hand_over=hand_over_of(attempt),
            resources_planned=kept.progress.planned,
            changes=[weighed_message(one) for one in weighed[:_MOST_TOLD]],
        )
        await self._context.emit(planned)

    async def applied_line(self, line: Line) -> bool:
        """One line of the apply; True when a resource has been completed."""
        self._say(line)
        self._tracker.observe(line.event)
        event = line.event
        if isinstance(event, ResourceStarted):
            await self._change(event.address, ChangeState.IN_PROGRESS, resource_id=self._id(event))
        elif isinstance(event, ResourceProgress):
            await self._change(event.address, ChangeState.IN_PROGRESS)
        elif isinstance(event, ResourceCompleted):
            state = ChangeState.RECONCILED if self._has_reached(event) else ChangeState.IN_PROGRESS
            await self._change(event.address, state, resource_id=self._id(event))
            return state is ChangeState.RECONCILED
        elif isinstance(event, ResourceFailed):
            await self._change(event.address, ChangeState.FAILED)
        elif isinstance(event, Diagnostic) and event.severity == "error" and event.address in self.changes:
            await self._change(event.address, ChangeState.FAILED, error=f"{event.summary} {event.detail}".strip())
        return False

    def ended(self) -> None:
        """The apply is over, whatever ended it: records the spans that are missing, such as those of what was left
        without a word."""
        for change in self.changes.values():
            if change.ended_at is not None:
                self._record_span(change)
            elif change.state is ChangeState.IN_PROGRESS:
                self._record_span(replace(change, ended_at=datetime.now(UTC), error="the apply ended before it"))

    def _has_reached(self, event: ResourceCompleted) -> bool:
        """A replacement is a delete and a create, in the order that the resource wants: it takes both."""
        change = self.changes.get(event.address)
        if change is None or change.intent is not Intent.RECREATE:
            return True
        halves = self._halves.setdefault(event.address, set())
        halves.add(event.action)
        return halves >= {"delete", "create"}

    def _id(self, event: ResourceStarted | ResourceCompleted) -> str:
        """The id that an event tells of a change; not that of the old one, where its successor came first."""
        old = event.action == "delete" and "create" in self._halves.get(event.address, ())
        return "" if old else event.id

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
            # The error's text comes after the failure itself.
            ended_at=None if state is ChangeState.IN_PROGRESS else known.ended_at or now,
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
        if state is ChangeState.RECONCILED or change.error:
            self._record_span(change)

    def _record_span(self, change: Change) -> None:
        if change.address in self._with_span:
            return
        self._with_span.add(change.address)
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
