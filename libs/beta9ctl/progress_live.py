"""The live picture of an operation on a terminal."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from libs.beta9ctl.names import last
from libs.beta9ctl.operation_view import OperationView, StageView
from libs.beta9ctl.progress import clock, elapsed, waiting

_MARKS = {
    "succeeded": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "stopped": ("■", "yellow"),
    "requested": ("·", "cyan"),
}
_BAR_WIDTH = 24


class LiveProgress:
    """Redraws the stages, the step, the resources and the time until it is left; what was last drawn stays."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        self._operation: OperationView | None = None
        self._spinner = Spinner("dots", style="cyan")
        self._live = Live(get_renderable=self._draw, console=self._console, refresh_per_second=8, transient=False)

    def __enter__(self) -> LiveProgress:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def notice(self, sentence: str) -> None:
        """Prints the sentence above the picture."""
        self._console.print(Text(sentence, style="yellow"))

    def show(self, operation: OperationView) -> None:
        """Makes `operation` what the next redraw shows."""
        self._operation = operation

    def _draw(self) -> RenderableType:
        operation = self._operation
        if operation is None:
            return Text("")
        took = clock(elapsed(operation.created, operation.ended))
        head = Text.assemble((f"{operation.verb} ", "bold"), (last(operation.target), "bold cyan"), f"  {took}")
        parts: list[RenderableType] = [head, self._stages(operation)]
        if operation.message and not operation.done:
            parts.append(Text(f"  {operation.message}", style="dim", overflow="ellipsis", no_wrap=True))
        return Group(*parts)

    def _stages(self, operation: OperationView) -> Table:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=3, justify="right")
        for stage in operation.stages:
            waits = stage.state == "unspecified"
            table.add_row(
                self._mark(stage),
                Text(stage.stage, style="dim" if waits else ""),
                self._step(stage),
                self._resources(operation, stage),
                Text(clock(elapsed(stage.started, stage.ended)) if stage.started else "", style="dim"),
            )
        return table

    @staticmethod
    def _step(stage: StageView) -> Text:
        step = stage.step if stage.state not in ("succeeded", "unspecified") else ""
        waits = waiting(stage)
        return Text.assemble((step, "cyan"), (f" {waits}" if waits else "", "yellow"))

    def _mark(self, stage: StageView) -> RenderableType:
        if stage.state == "running":
            return self._spinner
        mark, style = _MARKS.get(stage.state, ("·", "dim"))
        return Text(mark, style=style)

    def _resources(self, operation: OperationView, stage: StageView) -> RenderableType:
        """Beside the stage that Terraform works in: resources are counted for it alone."""
        if stage.stage not in ("deployment", "destroy") or not operation.resources_planned:
            return Text("")
        bar = ProgressBar(operation.resources_planned, operation.resources_done, width=_BAR_WIDTH)
        row = Table.grid(padding=(0, 1))
        row.add_row(bar, Text(operation.resources))
        return row
