"""`Flow`: the ordered steps by which a stage serves one kind of request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from google.protobuf.message import Message

from libs.stages.context import StepContext


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    `run` must be idempotent: it may run again after a crash in its middle. A step is done once and skipped by the next
    worker, unless `on_every_worker`: then every worker that goes on runs it first (to prepare a local folder, say).
    A retryable failure is tried again up to `tries` times within the attempt. A step that does not apply to the
    request is left out.
    """

    name: str
    run: Callable[[StepContext], Awaitable[None]]
    on_every_worker: bool = False
    tries: int = 3
    applies: Callable[[StepContext], bool] = lambda context: True


async def _nothing_to_close(context: StepContext) -> None:
    """A flow that holds nothing outside."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps that serve `request_type` (a message's full name), and the message that answers their success.

    `answer` is built after the last step; it is published in the transaction that ends the attempt. `close` lets go of
    what the steps held outside; it is called once at the end of every worker's run, but for one whose lease was lost.
    """

    request_type: str
    steps: tuple[Step, ...]
    answer: Callable[[StepContext], Message]
    close: Callable[[StepContext], Awaitable[None]] = _nothing_to_close
