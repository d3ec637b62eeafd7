"""How long a Terraform that was asked to stop may go on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from services.infra_engine.stopping import ends_when_asked


@dataclass
class Attempt:
    """A context that can be asked to stop."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    lines: list[str] = field(default_factory=list)

    async def stopping(self) -> None:
        await self.asked.wait()

    def log(self, line: str) -> None:
        self.lines.append(line)


@dataclass
class Running:
    """A command that ends when it is interrupted, or never by itself."""

    ends: bool
    told: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def interrupt(self) -> None:
        self.told.append("interrupted")
        if self.ends:
            self.over.set()

    def cut_off(self) -> None:
        self.told.append("cut off")
        self.over.set()


async def _stopped(command: Running, *, ask: bool = True) -> Attempt:
    attempt = Attempt()
    if ask:
        attempt.asked.set()
    else:
        command.over.set()
    async with ends_when_asked(cast(Any, attempt), cast(Any, command), seconds=0.05):
        await asyncio.wait_for(command.over.wait(), 10)
    return attempt


async def test_nobody_asks_nothing_is_told() -> None:
    command = Running(ends=True)
    assert (await _stopped(command, ask=False)).lines == []
    assert command.told == []


async def test_it_is_interrupted_once_and_ends_by_itself() -> None:
    command = Running(ends=True)
    attempt = await _stopped(command)
    assert command.told == ["interrupted"]
    assert len(attempt.lines) == 1
    await asyncio.sleep(0.1)
    assert command.told == ["interrupted"], "the bound is forgotten when the command has ended"


async def test_one_that_does_not_end_is_cut_off() -> None:
    command = Running(ends=False)
    attempt = await _stopped(command)
    assert command.told == ["interrupted", "cut off"]
    assert "did not end within" in attempt.lines[-1]
