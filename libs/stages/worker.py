"""`Worker`: takes up due attempts, each under a lease, as many at once as it may."""

import asyncio
import logging
import time
from collections.abc import Mapping

from libs.eventing import Relay
from libs.stages.attempts import Attempt
from libs.stages.cancellation import end_tasks
from libs.stages.flows import Flow
from libs.stages.leases import LeasePort, lease_key, release
from libs.stages.memory import MemoryGate
from libs.stages.queue import FairQueue, Limits
from libs.stages.repository import AttemptRepository
from libs.stages.run import Run

_log = logging.getLogger(__name__)

# The fallback for a wake that was lost, in seconds.
_POLL = 1.0


class Worker:
    """Works a stage service's attempts.

    Args:
        service: the service's name, which its leases and events carry.
        area: the area of its events: infra, bootstrap or state.
        flows: how each type of request is served, by the message's full name.
        holder: names this process, unique to its life.
        concurrency: attempts at once.
        lease_seconds: how long a lease lasts unless renewed; also how long a dead worker delays its attempts.
        limits: what may run at once in all workers of the service together; by default whatever they can.
        memory: what a run needs; by default no matter.
    """

    def __init__(
        self,
        repository: AttemptRepository,
        relay: Relay,
        leases: LeasePort,
        flows: Mapping[str, Flow],
        *,
        service: str,
        area: str,
        holder: str,
        concurrency: int,
        lease_seconds: float,
        limits: Limits | None = None,
        memory: MemoryGate | None = None,
    ) -> None:
        # A worker that was killed leaves a heartbeat; its lease decides, this only saves asking for it in vain.
        self._queue = FairQueue(repository, limits or Limits(stale_seconds=lease_seconds))
        self._memory = memory or MemoryGate(0)
        self._repository = repository
        self._relay = relay
        self._leases = leases
        self._flows = flows
        self._service = service
        self._area = area
        self._holder = holder
        self._concurrency = concurrency
        self._lease_seconds = lease_seconds
        self._wake = asyncio.Event()
        self._draining = False
        self._runs: dict[str, tuple[Run, asyncio.Task[None]]] = {}
        self._begun: dict[str, float] = {}

    def wake(self) -> None:
        """There may be new work, or a stop for a running one."""
        self._wake.set()
        for run, _ in self._runs.values():
            run.look_for_stop()

    async def run(self) -> None:
        """Takes up attempts until it is cancelled; cancelled, it lets go of those that run."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self._take_up()
                except Exception as error:
                    _log.warning("worker: %s: %s", type(error).__name__, error)
                try:
                    async with asyncio.timeout(_POLL):
                        await self._wake.wait()
                except TimeoutError:
                    pass
        finally:
            await self._end_runs()

    async def drain(self, seconds: float) -> None:
        """Takes up nothing more and lets every running attempt come to the end of its step, for at most `seconds`."""
        self._draining = True
        for run, _ in self._runs.values():
            run.hand_back()
        if self._runs:
            await asyncio.wait([task for _, task in self._runs.values()], timeout=seconds)

    async def _take_up(self) -> None:
        if self._draining or len(self._runs) >= self._concurrency:
            return
        due = [
            one
            for one in await self._queue.due(limit=self._concurrency * 4)
            # What is asked for in a way that we do not know waits for a worker of the release that does.
            if one.id not in self._runs and one.request_type in self._flows
        ]
        for number, attempt in enumerate(due):
            if len(self._runs) >= self._concurrency:
                return
            if not self._memory.admits(self._begun.values()):
                await self._queue.mark(due[number:], str(self._memory))
                return
            await self._try(attempt)

    async def _try(self, attempt: Attempt) -> None:
        key = lease_key(attempt.workspace, attempt.uid, self._service)
        if any(run.lease.key == key for run, _ in self._runs.values()):
            return
        lease = await self._leases.acquire(key, holder=self._holder, run=attempt.id, seconds=self._lease_seconds)
        if lease is None:
            return
        claimed = None
        try:
            claimed = await self._queue.claim(attempt, fence=lease.fence, holder=self._holder)
        finally:
            if claimed is None:
                # Kept, it would hold up the attempt, and every other of the environment here, until it runs out.
                await release(self._leases, lease, holder=self._holder)
        if claimed is None:
            return
        run = Run(
            self._repository,
            self._relay,
            self._leases,
            lease,
            claimed,
            self._flows[claimed.request_type],
            area=self._area,
            holder=self._holder,
            lease_seconds=self._lease_seconds,
        )
        task = asyncio.create_task(run.work(), name=claimed.id)
        self._runs[claimed.id] = (run, task)
        self._begun[claimed.id] = time.monotonic()
        task.add_done_callback(lambda _: self._forget(claimed.id))

    def _forget(self, identifier: str) -> None:
        _, task = self._runs.pop(identifier)
        del self._begun[identifier]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("attempt %s ended badly", identifier, exc_info=error)
        self._wake.set()

    async def _end_runs(self) -> None:
        await end_tasks(task for _, task in self._runs.values())
