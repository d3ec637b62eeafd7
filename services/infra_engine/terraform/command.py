"""A Terraform command that runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from libs.failures import Failure, Kind
from libs.processes import Child
from services.infra_engine.terraform.events import ChangeSummary, Diagnostic, Line, Outputs
from services.infra_engine.terraform.failures import root_cause
from services.infra_engine.terraform.json_ui import parse_line


class Command:
    """Iterate over its lines to the end, then ask for `result`. Leaving its context ends it, whatever it is doing."""

    def __init__(self, child: Child, name: str, *, grace: float) -> None:
        """`grace` is how long, in seconds, Terraform may take to save what it has done once it is told to stop."""
        self._child = child
        self._name = name
        self._grace = grace
        self._interrupted = False
        self._diagnostics: list[Diagnostic] = []
        self._summary: ChangeSummary | None = None
        self._outputs: Outputs | None = None

    @property
    def pid(self) -> int:
        return self._child.pid

    async def __aiter__(self) -> AsyncIterator[Line]:
        async for raw in self._child.stdout_lines():
            line = parse_line(raw)
            if isinstance(line.event, Diagnostic):
                self._diagnostics.append(line.event)
            elif isinstance(line.event, ChangeSummary):
                self._summary = line.event
            elif isinstance(line.event, Outputs):
                self._outputs = line.event
            yield line

    def interrupt(self) -> None:
        """Asks Terraform, once, to stop: it saves its state, and what it was creating becomes tainted.

        The signal goes to Terraform's own pid; a plugin that got it too would leave Terraform without an answer.
        """
        if not self._interrupted:
            self._interrupted = True
            self._child.interrupt()

    def cut_off(self) -> None:
        """Ends it at once, whatever it is doing; whoever reads its lines comes to their end."""
        self._interrupted = True
        self._child.cut_off()

    async def end(self) -> None:
        """Ends it before its time: it is interrupted, saves its state, and is killed only if that takes too long.

        A cancellation does not shorten this; raise it again afterwards.
        """
        self.interrupt()
        ending = asyncio.ensure_future(self._end())
        while not ending.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(ending)

    async def _end(self) -> None:
        try:
            async with asyncio.timeout(self._grace):
                async for _ in self._child.stdout_lines():
                    pass  # nobody reads it any more, and a full pipe would stop it
                await self._child.wait()
        except TimeoutError:
            await self._child.kill()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(self._diagnostics)

    @property
    def summary(self) -> ChangeSummary | None:
        """What a plan would do, or an apply has done."""
        return self._summary

    @property
    def outputs(self) -> Outputs | None:
        return self._outputs

    async def result(self) -> None:
        """Returns once the command has succeeded and nothing of it lives; raises its `Failure` otherwise."""
        status = await self._child.wait()
        if status.ok:
            return
        if self._interrupted:
            raise Failure(
                "CANCELLED",
                f"terraform {self._name} was stopped on request.",
                kind=Kind.CANCELLED,
                retryable=True,
                remedy="Retry to go on where it stopped.",
            )
        raise root_cause(self._diagnostics, command=self._name, private=self._child.stderr_tail() or str(status))
