"""StageService: how far a hand-over has come, served the same way by every stage service."""

from typing import Any

from provisioning.environment.v1 import stage_service_pb2 as messages
from provisioning.environment.v1 import stage_service_pb2_grpc as service

from libs.failures import Actor, Failure, Kind
from libs.grpckit.requests import timestamp
from libs.stages.queue import FairQueue
from libs.stages.rendering import attempt_failure, stage_state
from libs.stages.repository import AttemptRepository


class StageServicer(service.StageServiceServicer):
    """Answers the registry's sweep."""

    def __init__(self, repository: AttemptRepository, queue: FairQueue) -> None:
        self._repository = repository
        self._queue = queue

    async def GetHandOver(self, request: messages.GetHandOverRequest, context: Any) -> messages.GetHandOverResponse:
        key = request.hand_over
        attempt = await self._repository.find_by_key(key.uid, key.operation, key.stage, key.attempt)
        if attempt is None:
            raise Failure(
                "HAND_OVER_UNKNOWN",
                f"No attempt {key.attempt} of {key.stage} was received for {key.environment}.",
                kind=Kind.NOT_FOUND,
                actor=Actor.NOBODY,
                resource_address=key.environment,
            )
        standing = await self._queue.standing(attempt)
        steps = await self._repository.steps(attempt.id)
        return messages.GetHandOverResponse(
            state=stage_state(attempt.state),
            step=attempt.step,
            heartbeat_time=timestamp(attempt.heartbeat_at),
            failure=attempt_failure(attempt),
            queue_position=standing.position,
            waiting_for=standing.waiting_for,
            retries=max((one.retries for one in steps), default=0),
        )
