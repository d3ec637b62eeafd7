"""Failures, health and reflection over a real server in this process."""

from collections.abc import AsyncIterator
from typing import Any, cast

import grpc
import grpc.aio
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from provisioning.environment.v1.failure_pb2 import Failure as FailureMessage
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1 import infra_service_pb2_grpc as service

from libs.failures import Actor, Failure, FieldViolation, Kind
from libs.grpckit import FixedPrincipals, Server, failure_from_error, open_channel

_NAME = "provisioning.infra.v1.InfraService"
_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class _Servicer(service.InfraServiceServicer):
    error: Exception = Failure("NONE", "none")

    async def GetDeployment(self, request: Any, context: Any) -> Any:
        raise self.error

    async def StreamDeploymentLogs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        yield messages.StreamDeploymentLogsResponse()
        raise self.error


@pytest.fixture
def servicer() -> _Servicer:
    return _Servicer()


@pytest.fixture
async def server(servicer: _Servicer) -> AsyncIterator[Server]:
    server = Server(
        "127.0.0.1:0",
        [_NAME],
        lambda grpc_server: service.add_InfraServiceServicer_to_server(servicer, grpc_server),
        FixedPrincipals(),
    )
    await server.start()
    yield server
    await server.stop(0)


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    channel = open_channel(f"127.0.0.1:{server.port}")
    yield channel
    await channel.close()


def _details(error: grpc.aio.AioRpcError) -> list[Message]:
    trailing = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    kinds: list[type[Message]] = [
        error_details_pb2.ErrorInfo,
        error_details_pb2.BadRequest,
        error_details_pb2.PreconditionFailure,
        error_details_pb2.ResourceInfo,
        error_details_pb2.RetryInfo,
        error_details_pb2.RequestInfo,
        FailureMessage,
    ]
    found = []
    for detail in status.details:
        (kind,) = [kind for kind in kinds if detail.Is(kind.DESCRIPTOR)]
        message = kind()
        detail.Unpack(message)
        found.append(message)
    return found


async def _failed(channel: grpc.aio.Channel, metadata: Any = None) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await service.InfraServiceStub(channel).GetDeployment(messages.GetDeploymentRequest(), metadata=metadata)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        (Kind.INVALID_ARGUMENT, error_details_pb2.BadRequest),
        (Kind.FAILED_PRECONDITION, error_details_pb2.PreconditionFailure),
        (Kind.NOT_FOUND, error_details_pb2.ResourceInfo),
        (Kind.ALREADY_EXISTS, error_details_pb2.ResourceInfo),
    ],
)
async def test_a_failure_crosses_whole(
    channel: grpc.aio.Channel, servicer: _Servicer, kind: Kind, extra: type[Message]
) -> None:
    violations = [FieldViolation("spec.x", "is bad", "BAD")] if kind is Kind.INVALID_ARGUMENT else []
    servicer.error = Failure(
        "WHY",
        "It went wrong.",
        kind=kind,
        retryable=True,
        actor=Actor.CUSTOMER,
        remedy="Mend it.",
        resource_address="aws_vpc.main",
        metadata={"aws_request_id": "r1"},
        violations=violations,
        private="hidden",
    )
    error = await _failed(channel)
    assert error.code().name == kind.value
    assert error.details() == "It went wrong. Mend it."
    details = _details(error)
    assert isinstance(details[0], error_details_pb2.ErrorInfo)
    assert (details[0].reason, dict(details[0].metadata)) == ("WHY", {"aws_request_id": "r1"})
    assert any(isinstance(detail, extra) for detail in details)
    assert "hidden" not in str(details)
    back = failure_from_error(error)
    for name in ("reason", "message", "kind", "retryable", "actor", "remedy", "resource_address", "metadata"):
        assert getattr(back, name) == getattr(servicer.error, name)
    assert list(back.violations) == violations


async def test_retry_and_request_are_told(channel: grpc.aio.Channel, servicer: _Servicer) -> None:
    servicer.error = Failure("BUSY", "Busy.", kind=Kind.ABORTED, retry_after_seconds=1.5)
    error = await _failed(channel, (("x-request-id", "q1"),))
    (retry,) = [one for one in _details(error) if isinstance(one, error_details_pb2.RetryInfo)]
    assert retry.retry_delay.ToMilliseconds() == 1500
    (request,) = [one for one in _details(error) if isinstance(one, error_details_pb2.RequestInfo)]
    assert request.request_id == "q1"
    assert failure_from_error(error).retry_after_seconds == 1.5


async def test_the_caller_s_trace_is_in_the_answer(server: Server, servicer: _Servicer) -> None:
    servicer.error = Failure("BUSY", "Busy.", kind=Kind.ABORTED)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as plain:
        error = await _failed(plain, (("traceparent", f"00-{_TRACE}-00f067aa0ba902b7-01"),))
    (request,) = [one for one in _details(error) if isinstance(one, error_details_pb2.RequestInfo)]
    assert (request.request_id, request.serving_data) == (_TRACE, _TRACE)


async def test_what_nobody_foresaw_is_internal_and_says_nothing(channel: grpc.aio.Channel, servicer: _Servicer) -> None:
    servicer.error = RuntimeError("password=hunter2")
    error = await _failed(channel)
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "hunter2" not in f"{error.details()} {_details(error)}"
    assert failure_from_error(error).reason == "INTERNAL"


async def test_a_stream_fails_as_a_call_does(channel: grpc.aio.Channel, servicer: _Servicer) -> None:
    servicer.error = Failure("GONE", "Gone.", kind=Kind.NOT_FOUND)
    stream = service.InfraServiceStub(channel).StreamDeploymentLogs(messages.StreamDeploymentLogsRequest())
    received = 0
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in stream:
            received += 1
    assert (received, failure_from_error(caught.value).reason) == (1, "GONE")


async def test_health_is_served_and_watched_until_the_end(channel: grpc.aio.Channel, server: Server) -> None:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=_NAME)
    assert (await stub.Check(request)).status == health_pb2.HealthCheckResponse.SERVING
    watch = stub.Watch(request)
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
    await server._health.enter_graceful_shutdown()
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    watch.cancel()


async def test_reflection_lists_the_services(channel: grpc.aio.Channel) -> None:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(cast(Any, channel))
    call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    answer = await call.read()
    assert {one.name for one in answer.list_services_response.service} >= {_NAME, "grpc.health.v1.Health"}
    call.cancel()


async def test_a_taken_address_is_a_sentence_with_its_remedy(server: Server) -> None:
    second = Server(f"127.0.0.1:{server.port}", [_NAME], lambda _: None, FixedPrincipals())
    with pytest.raises(Failure) as caught:
        await second.start()
    assert caught.value.reason == "ADDRESS_TAKEN"
    assert str(server.port) in caught.value.message and caught.value.remedy
    await second.stop(0)
