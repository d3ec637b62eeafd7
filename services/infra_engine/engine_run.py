"""One run of Terraform on one environment: plan and apply, with every state shipped as it appears."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message
from provisioning.infra.v1.events_pb2 import BackendsAvailable, ClusterAvailable

from libs.stages import StepContext
from libs.stages.rendering import hand_over_of
from libs.telemetry import span
from services.infra_engine.follower import Follower
from services.infra_engine.outputs import outputs_message
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.shipping import StateShipper
from services.infra_engine.stacks.definition import Milestone
from services.infra_engine.state_store import StateStore
from services.infra_engine.synthesis import Synthesized
from services.infra_engine.terraform import (
    MilestoneTracker,
    OutputReader,
    StateSnapshot,
    StateWatcher,
    Terraform,
    WorkFolder,
)

# The event that tells of a milestone of a stack.
_MILESTONES: Mapping[str, type[ClusterAvailable] | type[BackendsAvailable]] = {
    "cluster_available": ClusterAvailable,
    "backends_available": BackendsAvailable,
}


@dataclass(slots=True)
class EngineRun:
    """What the steps of one worker's run share. `state` is the newest state that is safe."""

    context: StepContext
    terraform: Terraform
    repository: ChangeRepository
    folder: WorkFolder
    synthesized: Synthesized
    store: StateStore
    shipper: StateShipper
    secrets: dict[str, str] = field(repr=False)
    destroy: bool
    state: StateSnapshot | None = None
    planned: bool = False
    _follower: Follower | None = None
    _tracker: MilestoneTracker | None = None
    _pending: list[Milestone] = field(default_factory=list)

    async def plan(self) -> None:
        """Plans from the present state. A plan before it is forgotten."""
        in_state = self.state.addresses() if self.state is not None else frozenset()
        milestones = () if self.destroy else self.synthesized.milestones
        self._tracker = MilestoneTracker(milestones, in_state)
        self._follower = Follower(self.context, self.repository, self._tracker)
        with span("terraform plan", attributes={"process.executable.name": "terraform"}):
            async with self.terraform.plan(self.folder, self.secrets, destroy=self.destroy) as command:
                async for line in command:
                    self._follower.planned_line(line)
                await command.result()
        await self._follower.planned()
        self.planned = True
        if self.state is not None:
            await self._tell_milestones(self.state)

    async def apply(self) -> None:
        """Applies the plan, or makes one first where an apply has used it up. Every state is safe at the return."""
        if not self.planned:
            await self.plan()
        follower = self._follower
        assert follower is not None
        self.planned = False
        if not follower.changes:
            self.context.log("nothing to change")
            self.folder.forget_plan()
            return
        watcher = StateWatcher(self.folder.state, known=self.state)
        with span("terraform apply", attributes={"process.executable.name": "terraform"}):
            async with self.terraform.apply(self.folder, self.secrets) as command:
                shipping = asyncio.create_task(self._ship_all(watcher))
                try:
                    async for line in command:
                        if await follower.applied_line(line):
                            watcher.poke()
                        if shipping.done():
                            shipping.result()
                except BaseException:
                    await command.end()
                    raise
                finally:
                    follower.ended()
                    # Whatever ended the apply, what it did is made safe before anything else happens.
                    watcher.stop()
                    await shipping
                await command.result()

    async def outputs(self) -> dict[str, object]:
        """The applied state's outputs."""
        with span("terraform output", attributes={"process.executable.name": "terraform"}):
            return await self.terraform.outputs(self.folder)

    async def _ship_all(self, watcher: StateWatcher) -> None:
        async for snapshot in watcher.changes():
            await self.shipper.ship(snapshot)
            self.state = snapshot
            await self._tell_milestones(snapshot)

    async def _tell_milestones(self, snapshot: StateSnapshot) -> None:
        assert self._tracker is not None
        self._pending += self._tracker.newly_reached()
        if not self._pending:
            return
        reader = OutputReader(self.synthesized.main_tf_json, self.synthesized.variables)
        values = reader.read(snapshot)
        for milestone in list(self._pending):
            # Terraform says that a resource is done a moment before the state has it.
            if milestone.addresses <= snapshot.addresses() and milestone.outputs <= values.keys():
                self._pending.remove(milestone)
                await self._tell(milestone, {name: values[name] for name in milestone.outputs})

    async def _tell(self, milestone: Milestone, values: Mapping[str, object]) -> None:
        told = self.context.data.get("milestones", [])
        assert isinstance(told, list)
        if milestone.name not in told:
            hand_over, outputs = hand_over_of(self.context.attempt), outputs_message(values)
            message: Message = _MILESTONES[milestone.name](hand_over=hand_over, outputs=outputs)
            await self.context.emit(message, answer=True)
            await self.context.save(milestones=[*told, milestone.name])
            self.context.log(f"{milestone.name.replace('_', ' ')}")
