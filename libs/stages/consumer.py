"""`RequestConsumer`: what a request or a stop does to the attempts' rows, in the inbox's transaction."""

from google.protobuf.message import Message
from provisioning.environment.v1.hand_over_pb2 import HandOver, StageStopped, StopRequested
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.eventing import IncomingEvent, OutgoingEvent, enqueue, environment_event
from libs.eventing.events import from_json, to_json
from libs.eventing.subjects import tokens
from libs.stages.attempts import Attempt, AttemptState, attempt_id
from libs.stages.repository import AttemptRepository


class RequestConsumer:
    """Handles the events of a stage service's request subjects.

    The same hand-over always gets the same answer: an attempt that is there and has ended says its answers again, one
    that is there and is open says nothing, since its worker will. A stop that overtakes its request leaves a stopped
    attempt for the request to find.

    Args:
        area: the area of the service's events: infra, bootstrap or state.
    """

    def __init__(self, repository: AttemptRepository, *, area: str) -> None:
        self._repository = repository
        self._area = area

    async def handle(self, connection: AsyncConnection, event: IncomingEvent) -> None:
        hand_over: HandOver = event.message.hand_over  # type: ignore[attr-defined]
        if isinstance(event.message, StopRequested):
            await self._stop(connection, event, hand_over, event.message.reason)
        else:
            await self._request(connection, event, hand_over)

    async def _request(self, connection: AsyncConnection, event: IncomingEvent, hand_over: HandOver) -> None:
        if await self._insert(connection, event, hand_over, AttemptState.REQUESTED):
            attempt = await self._locked(connection, hand_over)
            previous = await self._previous(connection, attempt)
            if previous is not None:
                await self._repository.inherit(connection, attempt, previous)
            return
        attempt = await self._locked(connection, hand_over)
        if attempt.state.ended:
            answers = await self._repository.answers(connection, attempt.id)
            events = [self._event(attempt, from_json(kind, data)) for kind, data in answers]
            await enqueue(connection, self._repository.tables.events, events)

    async def _stop(self, connection: AsyncConnection, event: IncomingEvent, hand_over: HandOver, why: str) -> None:
        await self._insert(connection, event, hand_over, AttemptState.REQUESTED)
        attempt = await self._locked(connection, hand_over)
        if attempt.state.ended:
            return
        await self._repository.request_stop(connection, attempt.id, why or "stopped")
        if attempt.state is AttemptState.REQUESTED:
            stopped = self._event(attempt, StageStopped(hand_over=hand_over))
            await self._repository.end_in(connection, attempt.id, AttemptState.STOPPED, stopped)

    async def _insert(
        self, connection: AsyncConnection, event: IncomingEvent, hand_over: HandOver, state: AttemptState
    ) -> bool:
        workspace, _ = tokens(hand_over.environment)
        return await self._repository.insert(
            connection,
            id=attempt_id(hand_over.operation, hand_over.stage, hand_over.attempt),
            workspace=workspace,
            environment=hand_over.environment,
            uid=hand_over.uid,
            operation=hand_over.operation,
            stage=hand_over.stage,
            number=hand_over.attempt,
            request_type=event.type,
            request=to_json(event.message),
            state=state.value,
            traceparent=event.traceparent,
            account=_account(event.message),
        )

    async def _locked(self, connection: AsyncConnection, hand_over: HandOver) -> Attempt:
        identifier = attempt_id(hand_over.operation, hand_over.stage, hand_over.attempt)
        attempt = await self._repository.find_in(connection, identifier, lock=True)
        assert attempt is not None
        return attempt

    async def _previous(self, connection: AsyncConnection, attempt: Attempt) -> Attempt | None:
        """The attempt that this one retries: the one before it, when it was asked for the same thing."""
        table = self._repository.tables.attempts
        found = await self._repository.latest(
            connection,
            table.c.uid == attempt.uid,
            table.c.stage == attempt.stage,
            table.c.number == attempt.number - 1,
        )
        same = found is not None and _without_key(found) == _without_key(attempt)
        return found if same else None

    def _event(self, attempt: Attempt, message: Message) -> OutgoingEvent:
        return environment_event(
            message,
            area=self._area,
            environment=attempt.environment,
            uid=attempt.uid,
            traceparent=attempt.traceparent,
        )


def _account(request: Message) -> str:
    """The AWS account that a request enters; empty when it enters none."""
    access = getattr(request, "access", None)
    return str(access.account_id) if access is not None else ""


def _without_key(attempt: Attempt) -> tuple[str, str]:
    request = from_json(attempt.request_type, attempt.request)
    request.ClearField("hand_over")
    return attempt.request_type, to_json(request)
