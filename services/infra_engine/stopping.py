"""How a running Terraform is ended when its attempt is asked to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.stages import StepContext
from libs.stages.cancellation import end_tasks
from services.infra_engine.terraform import Command

STOP_SECONDS = 60.0
"""How long Terraform may take to save what it was at: it lets go of every wait, which takes seconds."""


@asynccontextmanager
async def ends_when_asked(
    context: StepContext, command: Command, *, seconds: float = STOP_SECONDS
) -> AsyncIterator[None]:
    """While inside, a stop interrupts the command once, and ends it for good when it takes longer than `seconds`.

    Whoever reads the command's lines reads on to their end; its result is then a failure of kind CANCELLED, unless it
    had done all of it.
    """

    async def watch() -> None:
        await context.stopping()
        context.log("stopping, as asked: what is being made is let go of, and what is there is saved")
        command.interrupt()
        await asyncio.sleep(seconds)
        context.log(f"terraform did not end within {seconds:.0f} s, so it is ended")
        command.cut_off()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        await end_tasks([watching])
