"""One environment's way there and back, with a crash in each of its operations."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import grpc.aio

from tests.crash import truth
from tests.crash.lab import Lab
from tests.crash.points import Crash, Operation, Point, Victim
from tests.crash.proxy import Call, Trap
from tests.e2e.client import Operation as LongRunning
from tests.e2e.client import failure_of
from tests.e2e.customer import Customer
from tests.e2e.observing import programs_of

GROWN = {"data": {"objectStore": {"lifecycleDays": 30}}}


class Lifecycle:
    """An environment of its own account. Operations must be asked in their order."""

    def __init__(self, lab: Lab, customer: Customer, name: str, *, patience: float = 600) -> None:
        self.lab = lab
        self.customer = customer
        self.name = name
        self.uid = ""
        self._patience = patience

    async def run(self, operation: Operation, point: Point | None) -> Crash | None:
        """An operation, with a crash at `point`; answers how it went, None where nobody should die and all is well."""
        assassin = Assassin(self, point) if point is not None else None
        self.lab.proxy.begin(self.customer.account_id)
        if assassin is not None:
            self.lab.proxy.arm(self.customer.account_id, assassin.trap)
        asked = await self._ask(operation)
        self.uid = (await self.lab.client.get(self.name)).uid
        wrong = await self._outcome(operation, asked)
        ended = time.monotonic()
        if not wrong:
            wrong = await self._faults(operation)
        if assassin is not None and point is not None:
            return await assassin.told(point, ended, wrong)
        assert not wrong, (operation, wrong)
        return None

    def calls(self) -> list[Call]:
        """Terraform's calls of the operation so far."""
        return list(self.lab.proxy.calls(self.customer.account_id))

    async def _ask(self, operation: Operation) -> LongRunning:
        client = self.lab.client
        if operation is Operation.CREATE:
            return await client.create(self.name, self.customer.spec())
        if operation is Operation.UPDATE:
            return await client.update(self.name, {**self.customer.spec(), **GROWN})
        return await client.delete(self.name)

    async def _outcome(self, operation: Operation, asked: LongRunning) -> list[str]:
        try:
            ended = await self.lab.client.wait(asked.name, self._patience)
        except AssertionError as error:
            if operation is not Operation.DESTROY:
                with suppress(grpc.aio.AioRpcError):
                    await self.lab.client.delete(self.name)  # so that no worker is kept
            step = re.search(r'stage: "(\w+)"\s+step: "(\w+)"', str(error))
            return [f"the operation has not ended in {self._patience:.0f} s: {step.group() if step else error}"[:300]]
        if ended.WhichOneof("result") == "response":
            return []
        failure = failure_of(ended)
        return [f"the operation failed: {failure.reason}: {failure.message}"]

    async def _faults(self, operation: Operation) -> list[str]:
        if operation is Operation.DESTROY:
            return await truth.destroyed(self.lab, self.customer, self.uid)
        return await truth.built(self.lab, self.customer, self.uid, grown=operation is Operation.UPDATE)


class Assassin:
    """Waits for a call, and kills who has sent it while it is held."""

    def __init__(self, life: Lifecycle, point: Point) -> None:
        self._life = life
        self._victim = point.victim
        self._killed_at = 0.0
        self._followed: asyncio.Task[float] | None = None
        self.trap = Trap(point.action, point.nth, point.when, self._kill)

    async def told(self, point: Point, ended: float, wrong: list[str]) -> Crash:
        if not self.trap.sprung.done():
            return Crash(point, 0, 0.0, 0.0, tuple(wrong))
        if self._followed is None:
            return Crash(point, self.trap.sprung.result().number, 0.0, 0.0, ("there was nobody to kill", *wrong))
        again = await self._followed
        return Crash(point, self.trap.sprung.result().number, ended - self._killed_at, again, tuple(wrong))

    async def _kill(self) -> None:
        lab, uid = self._life.lab, self._life.uid
        pid = await lab.worker_of(uid)
        if pid is None:
            return
        if self._victim is Victim.MACHINE:
            _kill_all_in(lab.work / uid)
        os.kill(pid, signal.SIGKILL)
        self._killed_at = time.monotonic()
        self._followed = asyncio.create_task(self._follow(uid, pid))

    async def _follow(self, uid: str, killed: int) -> float:
        """Seconds from the kill until another worker has taken the work up."""
        while True:
            pid = await self._life.lab.worker_of(uid)
            seconds = time.monotonic() - self._killed_at
            if pid not in (None, killed) or seconds > 120:
                return seconds
            await asyncio.sleep(0.05)


def _kill_all_in(folder: Path) -> None:
    """Guards first: they would end what they guard in order."""
    found: list[tuple[bool, int]] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if Path(os.readlink(entry / "cwd")).is_relative_to(folder):
                    found.append((b"supervisor.py" not in (entry / "cmdline").read_bytes(), int(entry.name)))
    for _, pid in sorted(found):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def running(lab: Lab) -> list[str]:
    """Terraform commands of the lab's platform."""
    return [f"{one.name} ({one.pid}) in {one.folder}" for one in programs_of(lab.platform) if one.name != "node"]
