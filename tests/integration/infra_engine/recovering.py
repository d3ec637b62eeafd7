"""A run of real Terraform whose state loses what a killed worker would not have written, and which then recovers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from libs.aws_access import AwsAccess
from libs.stages.context import Stopped
from services.infra_engine.recovery import Recovery
from services.infra_engine.synthesis import Synthesized
from services.infra_engine.terraform import LocalTerraform, StateSnapshot, WorkFolder, empty_state, parse_state
from services.infra_engine.terraform.events import Line, ResourcePlanned
from services.infra_engine.terraform.work_folder import replace_file

NOTHING: frozenset[str] = frozenset()


class Context:
    """An attempt's context."""

    def __init__(self, uid: str) -> None:
        self.attempt = SimpleNamespace(uid=uid, id=f"{uid}-2")
        self.said: list[str] = []
        self.stop = asyncio.Event()

    def log(self, text: str) -> None:
        self.said.append(text)

    async def stopping(self) -> None:
        await self.stop.wait()

    def checkpoint(self) -> None:
        if self.stop.is_set():
            raise Stopped


@dataclass
class BrokenRun:
    """The parts of an `EngineRun` that a recovery uses, by the same Terraform; nothing is shipped anywhere."""

    terraform: LocalTerraform
    folder: WorkFolder
    synthesized: Synthesized
    uid: str
    secrets: dict[str, str]
    broken: Synthesized | None = None
    begun: bool = True
    state: StateSnapshot | None = None
    shipped: list[StateSnapshot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = Context(self.uid)
        self.repository = self.shipper = self

    async def last_begun(self, uid: str) -> Any:
        assert uid == self.uid
        return SimpleNamespace(id=f"{uid}-1", data={}) if self.begun else None

    async def ship(self, snapshot: StateSnapshot) -> None:
        self.shipped.append(snapshot)

    async def begin(self, folder: WorkFolder) -> StateSnapshot:
        snapshot = empty_state()
        replace_file(folder.state, snapshot.raw)
        return snapshot

    async def prepare(self) -> None:
        self.folder.prepare(self.synthesized.main_tf_json, self.synthesized.variables)
        if not self.folder.state.exists():
            replace_file(self.folder.state, empty_state().raw)
        await self.terraform.init(self.folder)

    async def plan(self, *, destroy: bool = False) -> dict[str, str]:
        """What would be done, by address."""
        async with self.terraform.plan(self.folder, self.secrets, destroy=destroy) as command:
            events = [line.event async for line in command]
            await command.result()
        planned = (event for event in events if isinstance(event, ResourcePlanned))
        return {event.address: event.action for event in planned if event.action not in ("noop", "read")}

    async def change(self, on_line: Callable[[Line], Awaitable[bool]]) -> None:
        async with self.terraform.apply(self.folder, self.secrets) as command:
            async for line in command:
                await on_line(line)
            await command.result()
        self.read()

    async def apply(self, *, destroy: bool = False) -> None:
        await self.plan(destroy=destroy)
        await self.change(nothing)

    def read(self) -> StateSnapshot:
        self.state = parse_state(self.folder.state.read_bytes())
        assert self.state is not None
        return self.state

    def lose(self, addresses: frozenset[str], *, taint: frozenset[str] = NOTHING) -> None:
        """As if the run had been killed before it wrote these, and interrupted while it made those."""
        document = self.read().document()
        document["serial"] += 1
        document["resources"] = [one for one in document["resources"] if _address(one) not in addresses]
        for one in document["resources"]:
            if _address(one) in taint:
                one["instances"][0]["status"] = "tainted"
        replace_file(self.folder.state, json.dumps(document).encode())
        self.read()

    async def recover(self, access: AwsAccess) -> None:
        await self._recovery(access).recover(self)  # type: ignore[arg-type]

    async def look_again(self, access: AwsAccess) -> bool:
        return await self._recovery(access).look_again(self)  # type: ignore[arg-type]

    def _recovery(self, access: AwsAccess) -> Recovery:
        async def synthesized(attempt: object) -> Synthesized:
            return self.broken or self.synthesized

        return Recovery(access, synthesized, path_style=True)


async def nothing(line: Line) -> bool:
    """Of no line is anything made."""
    return False


def _address(resource: dict[str, Any]) -> str:
    return f"{resource['type']}.{resource['name']}"
