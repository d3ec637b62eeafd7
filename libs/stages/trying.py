"""Runs one step: again after a failure that mends itself, and no longer than it is wanted."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.failures import Failure, Kind
from libs.stages.cancellation import end_tasks
from libs.stages.context import StepContext, Stopped
from libs.stages.flows import Step
from libs.stages.repository import StepBudget

Note = Callable[[str, int, str], Awaitable[None]]
"""Keeps and tells of a step how often it was tried again, and what it waits for ("": nothing)."""


class HandedBack(Exception):
    """The worker drains: the attempt is left to another one, between two steps or two tries of one."""


async def run_step(
    step: Step, context: StepContext, used: StepBudget, *, handing_back: asyncio.Event, note: Note
) -> None:
    """Returns once the step has succeeded. Raises its last failure, Stopped, or HandedBack; both of these at once where
    it pauses."""
    clock = asyncio.get_running_loop().time
    began, retries = clock() - used.seconds, used.retries
    while True:
        try:
            await _run_once(step, context)
            return
        except Failure as failure:
            if context.stop_requested:
                if failure.kind is Kind.CANCELLED:
                    raise Stopped from failure
                raise
            pause = step.retries.pause(failure, failed=retries + 1, elapsed=clock() - began)
            if pause is None:
                if retries:
                    failure.metadata["tries"] = str(retries + 1)
                raise
            retries += 1
            told = f"try {retries + 1} of {step.retries.tries} begins in {pause:.0f} s"
            context.log(f"{step.name}: {failure.reason}: {failure.message} {told[0].upper()}{told[1:]}.")
            await note(step.name, retries, f"{told}, after {failure.reason}")
        await _pause(pause, context, handing_back)
        await note(step.name, retries, "")


async def _run_once(step: Step, context: StepContext) -> None:
    if not step.interruptible:
        await step.run(context)
        return
    working = asyncio.ensure_future(step.run(context))
    stopping = asyncio.ensure_future(context.stopping())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
            return
        context.log(f"{step.name}: stopping, as asked")
    finally:
        await end_tasks([working, stopping])
    raise Stopped


async def _pause(seconds: float, context: StepContext, handing_back: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(context.stopping()), asyncio.ensure_future(handing_back.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end_tasks(waits)
    context.checkpoint()
    if handing_back.is_set():
        raise HandedBack
