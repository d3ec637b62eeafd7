"""`StepContext`: what a step may use."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar, cast

from google.protobuf.message import Message
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import Relay, environment_event
from libs.eventing.events import from_json
from libs.stages.attempts import Attempt
from libs.stages.log import LogWriter
from libs.stages.repository import AttemptRepository

T = TypeVar("T")
R = TypeVar("R", bound=Message)


class Stopped(Exception):
    """The attempt was asked to stop; raised at a checkpoint."""


class StepContext:
    """One worker's hold on one attempt. Every write is guarded by the fence and raises LeaseLost once it is stale."""

    def __init__(
        self,
        repository: AttemptRepository,
        relay: Relay,
        attempt: Attempt,
        fence: int,
        log: LogWriter,
        area: str,
    ) -> None:
        self._repository = repository
        self._relay = relay
        self._log = log
        self._area = area
        self._stop = asyncio.Event()
        self.attempt = attempt
        self.fence = fence
        self.data: Mapping[str, object] = dict(attempt.data)
        self.request: Message = from_json(attempt.request_type, attempt.request)

    def request_as(self, message_type: type[R]) -> R:
        """The request as the message type that the flow serves."""
        assert isinstance(self.request, message_type)
        return self.request

    def text(self, key: str) -> str:
        """A saved text, or the empty one."""
        return cast(str, self.data.get(key, ""))

    def request_stop(self) -> None:
        """Called by the worker when it learns that the attempt shall stop."""
        self._stop.set()

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    async def stopping(self) -> None:
        """Returns once the attempt was asked to stop."""
        await self._stop.wait()

    def checkpoint(self) -> None:
        """A place where the attempt may stop and leave all in order. Raises Stopped when it was asked to."""
        if self._stop.is_set():
            raise Stopped

    async def save(self, **values: object) -> None:
        """Keeps values (JSON) with the attempt, for later steps, later workers and the next attempt."""
        await self._repository.save(self.attempt.id, self.fence, values)
        self.data = {**self.data, **values}

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Runs `work` in a transaction that holds the attempt's row under the fence."""
        return await self._repository.guarded(self.attempt.id, self.fence, work)

    async def emit(
        self,
        message: Message,
        *,
        answer: bool = False,
        also: Callable[[AsyncConnection], Awaitable[None]] | None = None,
    ) -> None:
        """Publishes an event of this stage's area, with whatever `also` writes in the same transaction.

        With `answer` it is a part of what the attempt answers: kept, and said again when the attempt is asked again.
        """
        event = environment_event(
            message,
            area=self._area,
            environment=self.attempt.environment,
            uid=self.attempt.uid,
            traceparent=self.attempt.traceparent,
        )
        await self._repository.emit(self.attempt.id, self.fence, event, answer=answer, also=also)
        self._relay.wake()

    def log(self, text: str) -> None:
        """Adds one line to the attempt's log; never a secret. It reaches the database within a second."""
        self._log.add(text)
