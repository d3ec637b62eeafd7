"""`Run`: one worker's work on one attempt, from the claim to its answer or to letting go of it."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime

from google.protobuf.message import Message
from provisioning.environment.v1.hand_over_pb2 import StageFailed, StageStopped, StepChanged

from libs.eventing import OutgoingEvent, Relay, environment_event
from libs.failures import Actor, Failure, Kind
from libs.grpckit.errors import failure_to_proto
from libs.stages.attempts import Attempt, AttemptState
from libs.stages.cancellation import end_tasks
from libs.stages.context import StepContext, Stopped
from libs.stages.flows import Flow, Step
from libs.stages.leases import HeldLease, LeaseLost, LeasePort, release
from libs.stages.log import LogWriter
from libs.stages.rendering import hand_over_of
from libs.stages.repository import AttemptRepository, StepBudget
from libs.stages.trying import HandedBack, run_step
from libs.telemetry import record_span, span, trace_id_of

_log = logging.getLogger(__name__)

# A lease that cannot be renewed lets the run go on until this share of it is left, so that what the run has started is
# certain to be over before another worker may begin.
_MARGIN = 1 / 3
# How soon a renewal that failed is tried again.
_RETRY_SECONDS = 0.2


class Run:
    """Works an attempt's flow while it keeps the lease alive."""

    def __init__(
        self,
        repository: AttemptRepository,
        relay: Relay,
        leases: LeasePort,
        lease: HeldLease,
        attempt: Attempt,
        flow: Flow,
        *,
        area: str,
        holder: str,
        lease_seconds: float,
    ) -> None:
        self.lease = lease
        self._repository = repository
        self._relay = relay
        self._leases = leases
        self._attempt = attempt
        self._flow = flow
        self._area = area
        self._holder = holder
        self._lease_seconds = lease_seconds
        self._log = LogWriter(repository.database, repository.tables, attempt.uid, attempt.id)
        self._context = StepContext(repository, relay, attempt, lease.fence, self._log, area)
        self._look = asyncio.Event()
        self._handing_back = asyncio.Event()
        self._last_done = attempt.steps_done[-1] if attempt.steps_done else ""
        if attempt.stop_reason:
            self._context.request_stop()

    def look_for_stop(self) -> None:
        """Something has changed; a stop may have been asked for."""
        self._look.set()

    def hand_back(self) -> None:
        """Leave the attempt to another worker after the running step."""
        self._handing_back.set()

    async def work(self) -> None:
        """Returns when the attempt has ended, or was let go of because the lease was lost or the worker drains."""
        started = datetime.now(UTC)
        outcome = ""
        flow = asyncio.create_task(self._flow_to_end())
        keepers = [asyncio.create_task(self._keep_lease()), asyncio.create_task(self._log.run())]
        try:
            done, _ = await asyncio.wait([flow, keepers[0]], return_when=asyncio.FIRST_COMPLETED)
            if flow not in done and not await self._has_ended():
                # The lease is lost: what runs must be over at once, and nothing may be written any more.
                await end_tasks([flow])
                outcome = "lease lost"
                _log.warning("attempt %s: lease lost", self._attempt.id)
                return
            await flow
        except HandedBack:
            outcome = "handed back"
            await self._repository.unclaim(self._attempt.id, self.lease.fence)
        except LeaseLost:
            # Also what the end looks like that was written twice, because the answer to the first was lost.
            if not await self._has_ended():
                outcome = "lease lost"
        except asyncio.CancelledError:
            with suppress(asyncio.CancelledError):  # told again meanwhile
                await end_tasks([flow])
            await asyncio.shield(self._repository.unclaim(self._attempt.id, self.lease.fence))
            raise
        finally:
            if outcome != "lease lost":
                await asyncio.shield(self._let_go())
            await end_tasks(keepers)
            await self._close()
            self._record(started, outcome)

    async def _has_ended(self) -> bool:
        """Whether it was we who ended the attempt: an ended one has no heartbeat, which looks like a lost lease."""
        try:
            found = await self._repository.find(self._attempt.id)
        except Exception as error:
            _log.warning("attempt %s: %s: %s", self._attempt.id, type(error).__name__, error)
            return False
        return found is not None and found.state.ended and found.fence == self.lease.fence

    async def _let_go(self) -> None:
        try:
            await self._flow.close(self._context)
        except Exception as error:
            _log.warning("attempt %s: close: %s: %s", self._attempt.id, type(error).__name__, error)

    async def _close(self) -> None:
        try:
            await self._log.flush()
        except Exception as error:
            _log.warning("attempt %s: log: %s: %s", self._attempt.id, type(error).__name__, error)
        await release(self._leases, self.lease, holder=self._holder)
        self._relay.wake()

    async def _flow_to_end(self) -> None:
        step = Step("", _nothing)
        try:
            for step in self._flow.steps:
                self._context.checkpoint()
                if self._handing_back.is_set():
                    raise HandedBack
                done = step.name in self._attempt.steps_done
                if step.applies(self._context) and (step.on_every_worker or not done):
                    await self._step(step, again=done)
            self._context.checkpoint()
            await self._end(AttemptState.SUCCEEDED, self._flow.answer(self._context))
        except Stopped:
            stopped = StageStopped(
                hand_over=hand_over_of(self._attempt),
                step=self._last_done,
                resources_existing=self._flow.existing(self._context),
            )
            await self._end(AttemptState.STOPPED, stopped)
        except (LeaseLost, HandedBack):
            raise
        except Exception as error:
            await self._fail(step, error)

    async def _fail(self, step: Step, error: Exception) -> None:
        failure = _as_failure(error)
        self._context.log(f"{step.name}: {failure.reason}: {failure.message} {failure.remedy}".strip())
        trace_id = trace_id_of(self._attempt.traceparent)
        told = failure_to_proto(failure, stage=self._attempt.stage, step=step.name, trace_id=trace_id)
        if failure.private:
            # For operators alone: the customer's log, which is read over the API, does not have it.
            _log.warning("attempt %s: %s: %s: %s", self._attempt.id, step.name, failure.reason, failure.private)
        failed = StageFailed(
            hand_over=hand_over_of(self._attempt),
            failure=told,
            resources_existing=self._flow.existing(self._context),
        )
        await self._end(AttemptState.FAILED, failed, failure)

    async def _end(self, state: AttemptState, answer: Message, failure: Failure | None = None) -> None:
        # Whoever follows the log stops at the attempt's end, and must have seen its last lines by then.
        await self._log.flush(attempts=None)
        await self._repository.end(self._attempt.id, self.lease.fence, state, self._event(answer), failure)

    async def _step(self, step: Step, *, again: bool) -> None:
        identifier, fence = self._attempt.id, self.lease.fence
        self._log.enter(step.name)
        used = StepBudget()
        if not again:
            change = self._event(StepChanged(hand_over=hand_over_of(self._attempt), step=step.name))
            used = await self._repository.begin_step(identifier, fence, step.name, [change])
            self._relay.wake()
        with span(
            f"{self._attempt.stage} {step.name}",
            parent=self._attempt.traceparent or None,
            attributes={
                "beta9.environment.uid": self._attempt.uid,
                "beta9.attempt": identifier,
                "beta9.step": step.name,
                "beta9.fence": fence,
            },
        ):
            await run_step(step, self._context, used, handing_back=self._handing_back, note=self._note)
        if not again:
            await self._repository.end_step(identifier, fence, step.name)
            self._last_done = step.name

    async def _note(self, step: str, retries: int, waiting_for: str) -> None:
        told = StepChanged(hand_over=hand_over_of(self._attempt), step=step, retries=retries, waiting_for=waiting_for)
        await self._repository.note_retry(
            self._attempt.id, self.lease.fence, step, retries, waiting_for, [self._event(told)]
        )
        self._relay.wake()

    async def _keep_lease(self) -> None:
        """Returns when the lease is lost, or so near its end that the run must be over."""
        clock = asyncio.get_running_loop().time
        ends = clock() + self._lease_seconds
        pause = self._lease_seconds / 4
        while True:
            self._look.clear()
            try:
                async with asyncio.timeout(pause):
                    await self._look.wait()
            except TimeoutError:
                pass
            asked = clock()
            try:
                async with asyncio.timeout(self._lease_seconds / 4):
                    await self._leases.renew(self.lease, holder=self._holder, seconds=self._lease_seconds)
                    ends = asked + self._lease_seconds
                    if await self._repository.heartbeat(self._attempt.id, self.lease.fence):
                        self._context.request_stop()
                pause = self._lease_seconds / 4
            except LeaseLost:
                return
            except Exception as error:
                _log.warning("attempt %s: lease not renewed: %s: %s", self._attempt.id, type(error).__name__, error)
                if ends - clock() < self._lease_seconds * _MARGIN:
                    return
                pause = _RETRY_SECONDS

    def _event(self, message: Message) -> OutgoingEvent:
        attempt = self._attempt
        return environment_event(
            message,
            area=self._area,
            environment=attempt.environment,
            uid=attempt.uid,
            traceparent=attempt.traceparent,
        )

    def _record(self, started: datetime, outcome: str) -> None:
        if self._attempt.traceparent:
            record_span(
                f"{self._attempt.stage} attempt {self._attempt.number}",
                parent=self._attempt.traceparent,
                start=started,
                end=datetime.now(UTC),
                attributes={"beta9.attempt": self._attempt.id, "beta9.environment.uid": self._attempt.uid},
                error=outcome,
            )


async def _nothing(context: StepContext) -> None:
    """The step before the first."""


def _as_failure(error: Exception) -> Failure:
    if isinstance(error, Failure):
        return error
    _log.error("a step failed in a way that it does not know", exc_info=error)
    return Failure(
        "INTERNAL",
        "A step failed in a way that the platform does not know.",
        kind=Kind.INTERNAL,
        retryable=True,
        actor=Actor.PLATFORM,
        remedy="Retry; if it fails again, look into the worker's log for the trace.",
        private=str(error),
    )
