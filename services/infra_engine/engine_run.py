"""One run of Terraform on one environment: plan and apply, with every state shipped as it appears."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message
from provisioning.infra.v1.events_pb2 import BackendsAvailable, ClusterAvailable

from libs.failures import Actor, Failure, Kind
from libs.stages import StepContext
from libs.stages.cancellation import end_tasks
from libs.stages.rendering import hand_over_of
from libs.state_stores import StateStore
from libs.telemetry import span
from services.infra_engine.cache_token import CacheToken
from services.infra_engine.changes import Intent
from services.infra_engine.follower import Follower
from services.infra_engine.impact import Impact, WeighedChange, weigh
from services.infra_engine.outputs import outputs_message
from services.infra_engine.recovery import Recovery
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.shipping import StateShipper
from services.infra_engine.stacks.definition import Milestone
from services.infra_engine.stopping import ends_when_asked
from services.infra_engine.synthesis import Synthesized
from services.infra_engine.terraform import (
    MilestoneTracker,
    OutputReader,
    StateSnapshot,
    StateWatcher,
    Terraform,
    WorkFolder,
)
from services.infra_engine.terraform.events import Line

# The event that tells of a milestone of a stack.
_MILESTONES: Mapping[str, type[ClusterAvailable] | type[BackendsAvailable]] = {
    "cluster_available": ClusterAvailable,
    "backends_available": BackendsAvailable,
}
# The milestone of what is of no use without its credentials.
_WITH_CREDENTIALS = "backends_available"
CACHE_AVAILABLE = "cache_available"


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
    recovery: Recovery
    cache: CacheToken | None = None
    allow_data_loss: bool = False
    state: StateSnapshot | None = None
    planned: bool = False
    _follower: Follower | None = None
    _tracker: MilestoneTracker | None = None
    _pending: list[Milestone] = field(default_factory=list)
    _crediting: asyncio.Task[None] | None = None
    _telling: asyncio.Task[None] | None = None

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
            weighed = await self._weigh()
        await self._follower.planned(weighed)
        self._refuse_data_loss(weighed)
        self.planned = True
        if self.state is not None:
            await self._tell_milestones(self.state)

    async def apply(self) -> None:
        """Applies the plan, or makes one first where an apply has used it up. Every state is safe at the return."""
        if not self.planned:
            # An apply came before it and failed: it may have made what its state does not have.
            await self.recovery.recover(self)
            await self.plan()
        follower = self._follower
        assert follower is not None
        self.planned = False
        if not follower.changes and not follower.outputs_change:
            self.context.log("nothing to change")
            self.folder.forget_plan()
            await self._settle()
            return
        await self.context.save(apply_begun=self.context.attempt.id, apply_settled=None)
        try:
            await self.change(follower.applied_line)
        finally:
            follower.ended()
        await self._settle()

    async def change(self, on_line: Callable[[Line], Awaitable[bool]]) -> None:
        """Applies the plan that lies in the folder. `on_line` says whether a resource has been completed."""
        watcher = StateWatcher(self.folder.state, known=self.state)
        with span("terraform apply", attributes={"process.executable.name": "terraform"}):
            async with (
                self.terraform.apply(self.folder, self.secrets) as command,
                ends_when_asked(self.context, command),
            ):
                shipping = asyncio.create_task(self._ship_all(watcher))
                try:
                    async for line in command:
                        if await on_line(line):
                            watcher.poke()
                        if shipping.done():
                            shipping.result()
                except BaseException:
                    await command.end()
                    raise
                finally:
                    # Whatever ended the apply, what it did is made safe before anything else happens.
                    watcher.stop()
                    await shipping
                await command.result()

    async def _settle(self) -> None:
        """Keeps which state a whole apply left: whoever finds another one recovers first."""
        await self.context.save(
            apply_begun=self.context.attempt.id, apply_settled=None if self.state is None else self.state.mark()
        )

    async def set_credentials(self) -> None:
        """Returns once the backends take the credentials that are kept, and their milestone is told."""
        await self._begin_credentials()
        # One that failed was for want of the credentials; that the deployment is applied tells the milestone too.
        if self._telling is not None and not _failed(self._telling):
            await self._telling

    async def aclose(self) -> None:
        """Ends what still runs beside the steps. Idempotent."""
        await end_tasks([task for task in (self._telling, self._crediting) if task is not None])

    async def _weigh(self) -> list[WeighedChange]:
        """What the plan changes beside creating; a destroy needs no weighing, and neither does the first apply."""
        assert self._follower is not None
        if self.destroy or all(change.intent is Intent.CREATE for change in self._follower.changes.values()):
            return []
        plan = await self.terraform.show_plan(self.folder)
        return [change for change in weigh(plan) if change.action != "create"]

    def _refuse_data_loss(self, weighed: list[WeighedChange]) -> None:
        lost = [change for change in weighed if change.impact is Impact.DATA_LOSS]
        if not lost or self.allow_data_loss:
            return
        self.folder.forget_plan()
        told = "; ".join(f"{one.action} {one.address} ({', '.join(one.paths) or 'the whole of it'})" for one in lost)
        raise Failure(
            "DATA_LOSS_NOT_ALLOWED",
            f"The plan would lose data, so nothing was touched: {told}.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.CUSTOMER,
            remedy="Change the document back, or update it again with allow_data_loss.",
            resource_address=lost[0].address,
            metadata={"addresses": ",".join(one.address for one in lost)[:1000]},
        )

    def outputs(self) -> dict[str, object]:
        """The applied state's outputs that are no secrets."""
        return self.state.outputs() if self.state is not None else {}

    async def _ship_all(self, watcher: StateWatcher) -> None:
        async for snapshot in watcher.changes():
            await self.shipper.ship(snapshot)
            self.state = snapshot
            await self._tell_milestones(snapshot)

    async def _tell_milestones(self, snapshot: StateSnapshot) -> None:
        if self._tracker is None:  # nothing is planned yet
            return
        self._pending += self._tracker.newly_reached()
        if not self._pending:
            return
        reader = OutputReader(self.synthesized.main_tf_json, self.synthesized.variables)
        values = reader.read(snapshot)
        for milestone in list(self._pending):
            # Terraform says that a resource is done a moment before the state has it.
            if milestone.addresses <= snapshot.addresses() and milestone.outputs <= values.keys():
                self._pending.remove(milestone)
                told = {name: values[name] for name in milestone.outputs}
                if milestone.name == CACHE_AVAILABLE:
                    self._begin_credentials()
                elif milestone.name == _WITH_CREDENTIALS:
                    # Minutes, during which states must be shipped.
                    self._telling = asyncio.create_task(self._tell_with_credentials(milestone, told))
                else:
                    await self._tell(milestone, told)

    def _begin_credentials(self) -> asyncio.Task[None]:
        """The setting of the credentials, once a run unless it failed."""
        if self._crediting is None or _failed(self._crediting):
            self._crediting = asyncio.create_task(self._credit())
        return self._crediting

    async def _credit(self) -> None:
        if self.cache is not None:
            await self.cache.ensure(self.context.log)

    async def _tell_with_credentials(self, milestone: Milestone, values: Mapping[str, object]) -> None:
        await self._begin_credentials()
        await self._tell(milestone, values)

    async def _tell(self, milestone: Milestone, values: Mapping[str, object]) -> None:
        told = self.context.data.get("milestones", [])
        assert isinstance(told, list)
        if milestone.name not in told:
            hand_over, outputs = hand_over_of(self.context.attempt), outputs_message(values)
            message: Message = _MILESTONES[milestone.name](hand_over=hand_over, outputs=outputs)
            await self.context.emit(message, answer=True)
            await self.context.save(milestones=[*told, milestone.name])
            self.context.log(f"{milestone.name.replace('_', ' ')}")


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
