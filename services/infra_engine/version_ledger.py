"""The state manager's record of shipped versions, over gRPC."""

import hashlib

import grpc.aio
from provisioning.state.v1 import state_backend_pb2 as resources
from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1 import state_backend_service_pb2_grpc as service

from libs.grpckit import failure_from_error
from libs.stages import LeaseLost
from libs.state_stores import StoredState
from services.infra_engine.terraform import StateSnapshot


class RemoteLedger:
    """Records one environment's versions under one lease."""

    def __init__(self, channel: grpc.aio.Channel, *, backend: str, lease_key: str, run: str) -> None:
        self._stub = service.StateBackendServiceStub(channel)
        self._backend = backend
        self._lease_key = lease_key
        self._run = run

    async def record(self, snapshot: StateSnapshot, stored: StoredState) -> None:
        version = resources.StateVersion(
            lineage=snapshot.lineage,
            serial=snapshot.serial,
            etag=stored.etag,
            object_version=stored.object_version,
            sha256=hashlib.sha256(stored.raw).hexdigest(),
            size_bytes=len(stored.raw),
            run=self._run,
            fence=stored.fence,
            resources=len(snapshot.addresses()),
        )
        request = messages.RecordStateVersionRequest(
            parent=self._backend, state_version=version, lease_key=self._lease_key
        )
        try:
            await self._stub.RecordStateVersion(request, timeout=10)
        except grpc.aio.AioRpcError as error:
            failure = failure_from_error(error)
            if failure.reason == "LEASE_LOST":
                raise LeaseLost(self._lease_key) from error
            raise failure from error
