"""StageService: how far a hand-over has come, served the same way by every stage service."""

from typing import Any, cast

from provisioning.environment.v1 import stage_service_pb2 as messages
from provisioning.environment.v1 import stage_service_pb2_grpc as service
from provisioning.environment.v1.hand_over_pb2 import StageState

from libs.failures import Actor, Failure, Kind
from libs.grpckit import failure_to_proto
from libs.grpckit.requests import timestamp
from libs.stages.attempts import AttemptState
from libs.stages.repository import AttemptRepository
from libs.telemetry import trace_id_of


def stage_state(state: AttemptState) -> StageState:
    """The contract's value of an attempt's state."""
    return cast(StageState, StageState.Value(f"STAGE_STATE_{state.value}"))


class StageServicer(service.StageServiceServicer):
    """Answers the registry's sweep."""

    def __init__(self, repository: AttemptRepository) -> None:
        self._repository = repository

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
        response = messages.GetHandOverResponse(
            state=stage_state(attempt.state), step=attempt.step, heartbeat_time=timestamp(attempt.heartbeat_at)
        )
        if attempt.failure is not None:
            trace_id = trace_id_of(attempt.traceparent)
            told = failure_to_proto(attempt.failure, stage=attempt.stage, step=attempt.step, trace_id=trace_id)
            response.failure.CopyFrom(told)
        return response
