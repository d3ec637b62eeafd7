"""The sweep's port to the stage services, over gRPC."""

from __future__ import annotations

import logging
from datetime import UTC

import grpc.aio
from provisioning.environment.v1 import hand_over_pb2, stage_service_pb2, stage_service_pb2_grpc

from services.environment_registry.sweep import Progress, Standing

_log = logging.getLogger(__name__)

_DEADLINE = 5.0
_ENDED = (
    hand_over_pb2.STAGE_STATE_SUCCEEDED,
    hand_over_pb2.STAGE_STATE_FAILED,
    hand_over_pb2.STAGE_STATE_STOPPED,
)


class StageChannel:
    """One stage service's StageService."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = stage_service_pb2_grpc.StageServiceStub(channel)

    async def progress(self, key: hand_over_pb2.HandOver) -> Progress | None:
        """Answer how a hand-over stands; None when the service cannot be asked for the moment."""
        try:
            response = await self._stub.GetHandOver(
                stage_service_pb2.GetHandOverRequest(hand_over=key), timeout=_DEADLINE
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return Progress(Standing.UNKNOWN)
            _log.warning("sweep: %s of %s: %s", key.stage, key.environment, error.code().name)
            return None
        heartbeat = response.heartbeat_time.ToDatetime(UTC) if response.HasField("heartbeat_time") else None
        return Progress(
            Standing.ANSWERED if response.state in _ENDED else Standing.OPEN,
            heartbeat,
            response.queue_position,
            response.waiting_for,
            response.retries,
        )
