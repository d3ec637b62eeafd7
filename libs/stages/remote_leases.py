"""Leases of the state manager, over gRPC."""

import grpc.aio
from provisioning.state.v1 import state_backend_service_pb2 as messages
from provisioning.state.v1 import state_backend_service_pb2_grpc as service

from libs.failures import Failure
from libs.grpckit import failure_from_error
from libs.stages.leases import HeldLease, LeaseLost


class RemoteLeases:
    """The LeasePort that the state manager serves."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = service.StateBackendServiceStub(channel)

    async def acquire(self, key: str, *, holder: str, run: str, seconds: float) -> HeldLease | None:
        try:
            lease = await self._stub.AcquireLease(
                messages.AcquireLeaseRequest(
                    key=key, holder=holder, run=run, duration_milliseconds=int(seconds * 1000)
                ),
                timeout=5,
            )
        except grpc.aio.AioRpcError as error:
            failure = failure_from_error(error)
            if failure.reason == "LEASE_HELD":
                return None
            raise failure from error
        return HeldLease(key, lease.fence)

    async def renew(self, lease: HeldLease, *, holder: str, seconds: float) -> None:
        request = messages.RenewLeaseRequest(
            key=lease.key, holder=holder, fence=lease.fence, duration_milliseconds=int(seconds * 1000)
        )
        try:
            await self._stub.RenewLease(request, timeout=5)
        except grpc.aio.AioRpcError as error:
            failure: Failure = failure_from_error(error)
            if failure.reason == "LEASE_LOST":
                raise LeaseLost(lease.key) from error
            raise failure from error

    async def release(self, lease: HeldLease, *, holder: str) -> None:
        request = messages.ReleaseLeaseRequest(key=lease.key, holder=holder, fence=lease.fence)
        await self._stub.ReleaseLease(request, timeout=5)
