"""Tries crash points, several environments side by side, each operation of an environment with a crash of its own."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable

import grpc.aio

from tests.crash.lab import Lab
from tests.crash.lifecycle import Lifecycle
from tests.crash.points import Crash, Operation, Point, enumerated

_names = itertools.count(1)


class Campaign:
    """Points to try, by operation. What an environment that has not converged left untried goes to the next one."""

    def __init__(self, lab: Lab, points: Iterable[Point], tell: Callable[[Crash], None] = lambda crash: None) -> None:
        self._lab = lab
        self._left: dict[Operation, deque[Point]] = {operation: deque() for operation in Operation}
        for point in points:
            self._left[point.operation].append(point)
        self._tell = tell
        self.crashes: list[Crash] = []
        self.strange: list[str] = []
        """What went wrong although nobody died."""

    async def run(self, *, lanes: int, seconds: float = 1e9) -> None:
        """Until every point was tried, or no environment is to be begun any more because the time is over."""
        ends = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(self._lane(ends))

    @property
    def untried(self) -> int:
        return sum(map(len, self._left.values()))

    async def _lane(self, ends: float) -> None:
        while self.untried and time.monotonic() < ends:
            life = Lifecycle(self._lab, await self._lab.customer(), f"crash-{next(_names)}")
            for operation in Operation:
                if operation is Operation.UPDATE and not self._left[operation]:
                    continue
                if operation is not Operation.DESTROY and not self._later(operation):
                    break
                point = self._left[operation].popleft() if self._left[operation] else None
                try:
                    crash = await life.run(operation, point)
                except (AssertionError, grpc.aio.AioRpcError) as error:
                    self.strange.append(f"{life.name}, {point or operation}: {error}"[:500])
                    break
                if crash is None:
                    continue
                self.crashes.append(crash)
                self._tell(crash)
                if crash.wrong:
                    break

    def _later(self, operation: Operation) -> bool:
        """Whether a point of this operation or of one behind it is left."""
        order = list(Operation)
        return any(self._left[one] for one in order[order.index(operation) :])


async def undisturbed(lab: Lab) -> list[Point]:
    """Every point there is: the calls of an environment's operations in which nobody dies."""
    life = Lifecycle(lab, await lab.customer(), f"undisturbed-{next(_names)}")
    points: list[Point] = []
    for operation in Operation:
        await life.run(operation, None)
        points += enumerated(operation, life.calls())
    return points
