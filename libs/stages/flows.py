"""`Flow`: the ordered steps by which a stage serves one kind of request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from google.protobuf.message import Message

from libs.stages.context import StepContext
from libs.stages.retries import RetryPolicy


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    `run` must be idempotent: it may run again after a crash in its middle. A step is done once and skipped by the next
    worker, unless `on_every_worker`: then every worker that goes on runs it first (to prepare a local folder, say).
    A failure that mends itself is tried again within the attempt as `retries` has it. A step that does not apply to the
    request is left out.

    A stop waits for the step's end, unless the step is `interruptible`: then it is cancelled at once, which must leave
    nothing that a later attempt or a delete does not find. A step that can end itself early looks at
    `StepContext.stopping`, and may then raise Stopped, or a failure of kind CANCELLED.
    """

    name: str
    run: Callable[[StepContext], Awaitable[None]]
    on_every_worker: bool = False
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    interruptible: bool = False
    applies: Callable[[StepContext], bool] = lambda context: True


async def _nothing_to_close(context: StepContext) -> None:
    """A flow that holds nothing outside."""


def _unknown(context: StepContext) -> int | None:
    """A flow that makes no resources, or does not count them."""
    return None


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps that serve `request_type` (a message's full name), and the message that answers their success.

    `answer` is built after the last step; it is published in the transaction that ends the attempt. `close` lets go of
    what the steps held outside; it is called once at the end of every worker's run, but for one whose lease was lost.
    `existing` is the number of cloud resources that are there, which a stop and a failure tell; None when not known.
    """

    request_type: str
    steps: tuple[Step, ...]
    answer: Callable[[StepContext], Message]
    close: Callable[[StepContext], Awaitable[None]] = _nothing_to_close
    existing: Callable[[StepContext], int | None] = _unknown
