"""A client of the front door as the tests use it; it waits by the API's own means and never sleeps for luck."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc.aio
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import duration_pb2, json_format
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1.environment_pb2 import Environment, EnvironmentState
from provisioning.environment.v1.environment_service_pb2_grpc import EnvironmentServiceStub
from provisioning.environment.v1.failure_pb2 import Actor, Failure
from provisioning.environment.v1.operation_pb2 import OperationMetadata

PARENT = "workspaces/default"
Operation = operations_pb2.Operation
_AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class Client:
    """EnvironmentService and Operations of one platform."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.environments = EnvironmentServiceStub(channel)
        self.operations = operations_pb2_grpc.OperationsStub(channel)

    async def external_id(self) -> str:
        answer = await self.environments.IssueExternalId(messages.IssueExternalIdRequest(parent=PARENT), timeout=30)
        return str(answer.external_id)

    async def create(self, environment_id: str, spec: dict[str, Any]) -> Operation:
        request = messages.CreateEnvironmentRequest(
            parent=PARENT, environment_id=environment_id, request_id=str(uuid.uuid4())
        )
        json_format.ParseDict(spec, request.environment.spec)
        return await self.environments.CreateEnvironment(request, timeout=30)

    async def get(self, environment_id: str) -> Environment:
        return await self.environments.GetEnvironment(
            messages.GetEnvironmentRequest(name=name_of(environment_id)), timeout=30
        )

    async def update(self, environment_id: str, spec: dict[str, Any]) -> Operation:
        """Another document in the place of the present one."""
        request = messages.UpdateEnvironmentRequest(request_id=str(uuid.uuid4()))
        request.environment.name = name_of(environment_id)
        request.update_mask.paths.append("spec")
        json_format.ParseDict(spec, request.environment.spec)
        return await self.environments.UpdateEnvironment(request, timeout=30)

    async def rotate(self, environment_id: str, *credentials: messages.Credential) -> Operation:
        request = messages.RotateCredentialsRequest(name=name_of(environment_id), credentials=credentials)
        return await self.environments.RotateCredentials(request, timeout=30)

    async def delete(self, environment_id: str) -> Operation:
        return await self.environments.DeleteEnvironment(
            messages.DeleteEnvironmentRequest(name=name_of(environment_id)), timeout=30
        )

    async def retry(self, environment_id: str) -> Operation:
        return await self.environments.RetryEnvironment(
            messages.RetryEnvironmentRequest(name=name_of(environment_id)), timeout=30
        )

    async def cancel(self, operation: str) -> None:
        await self.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=operation), timeout=30)

    async def wait(self, operation: str, seconds: float = 240) -> Operation:
        """The operation once it has ended, waited for through restarts of the registry."""
        request = operations_pb2.WaitOperationRequest(name=operation, timeout=duration_pb2.Duration(seconds=20))
        last = Operation(name=operation)
        try:
            async with asyncio.timeout(seconds):
                while not last.done:
                    try:
                        last = await self.operations.WaitOperation(request, timeout=30)
                    except grpc.aio.AioRpcError as error:
                        if error.code() not in _AWAY:
                            raise
                        await asyncio.sleep(0.2)  # the registry is being started again
        except TimeoutError:
            raise AssertionError(f"{operation} has not ended in {seconds:.0f} s: {metadata_of(last)}") from None
        return last

    async def until(
        self, environment_id: str, holds: Callable[[Environment], bool], what: str, seconds: float = 120
    ) -> Environment:
        """The environment once something holds of it, told by the watch."""
        request = messages.WatchEnvironmentsRequest(parent=PARENT, environment_id=environment_id)
        last = Environment()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for change in self.environments.WatchEnvironments(request):
                    if change.HasField("environment"):
                        last = change.environment
                        if holds(last):
                            return last
        raise AssertionError(f"{environment_id}: {what} did not come in {seconds:.0f} s: {last}")


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Client]:
    """A client of the registry at `address`, which finds it again soon after a restart."""
    options = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        yield Client(channel)


def name_of(environment_id: str) -> str:
    return f"{PARENT}/environments/{environment_id}"


def metadata_of(operation: Operation) -> OperationMetadata:
    metadata = OperationMetadata()
    operation.metadata.Unpack(metadata)
    return metadata


def failure_of(operation: Operation) -> Failure:
    """The typed failure among the details of an operation's error."""
    failure = Failure()
    found = [detail for detail in operation.error.details if detail.Unpack(failure)]
    assert found, f"no typed failure in {operation.error}"
    return failure


def in_step(stage: str, step: str) -> Callable[[Environment], bool]:
    return lambda environment: any(one.stage == stage and one.step == step for one in environment.stages)


def state_of(environment: Environment) -> str:
    return EnvironmentState.Name(environment.state).removeprefix("ENVIRONMENT_STATE_")


def actor_of(failure: Failure) -> str:
    return Actor.Name(failure.actor).removeprefix("ACTOR_")
