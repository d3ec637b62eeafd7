"""What each method refuses, with the status, the reason and the details that a client can act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc.aio
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from provisioning.environment.v1.failure_pb2 import Failure as FailureMessage
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1 import infra_service_pb2_grpc

from libs.grpckit import Server, failure_from_error, open_channel
from libs.persistence import Database
from libs.stages import AttemptRepository
from libs.stages.log import LogReader
from services.infra_engine.api import InfraServicer
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.tables import STAGE_TABLES
from tests.conftest import free_port
from tests.contract.infra_engine.attempts import ask
from tests.contract.infra_engine.conftest import SERVICE, Principals
from tests.contract.stages import Stage

Stub = infra_service_pb2_grpc.InfraServiceStub
Request = Callable[[str], Message]

# Each method: its request by a name, the field of the name, a right name, and how an unknown one is refused.
DEPLOYMENT, REVISION = "workspaces/acme/deployments/e1", "workspaces/acme/deployments/e1/revisions/op-1-deployment-1"
METHODS: dict[str, tuple[Request, str, str, str]] = {
    "GetDeployment": (
        lambda name: messages.GetDeploymentRequest(name=name), "name", DEPLOYMENT, "DEPLOYMENT_NOT_FOUND",
    ),
    "ListDeployments": (
        lambda name: messages.ListDeploymentsRequest(parent=name), "parent", "workspaces/acme", "",
    ),
    "GetRevision": (
        lambda name: messages.GetRevisionRequest(name=name), "name", REVISION, "REVISION_NOT_FOUND",
    ),
    "ListRevisions": (
        lambda name: messages.ListRevisionsRequest(parent=name), "parent", DEPLOYMENT, "DEPLOYMENT_NOT_FOUND",
    ),
    "ListResourceChanges": (
        lambda name: messages.ListResourceChangesRequest(parent=name), "parent", REVISION, "REVISION_NOT_FOUND",
    ),
    "StreamDeploymentLogs": (
        lambda name: messages.StreamDeploymentLogsRequest(name=name), "name", DEPLOYMENT, "DEPLOYMENT_NOT_FOUND",
    ),
}  # fmt: skip
NOT_THERE_YET = {"PreviewDeployment": "PREVIEW_NOT_SUPPORTED"}


async def refused(stub: Stub, method: str, request: Message, **metadata: str) -> grpc.aio.AioRpcError:
    call = getattr(stub, method)(request, metadata=tuple(metadata.items()))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (call.read() if isinstance(call, grpc.aio.UnaryStreamCall) else call)
    return caught.value


def detail(error: grpc.aio.AioRpcError, kind: type[Any]) -> Any:
    """The one detail of a kind."""
    metadata = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    assert status.details[0].Is(error_details_pb2.ErrorInfo.DESCRIPTOR), "AIP-193 has it first"
    (found,) = [one for one in status.details if one.Is(kind.DESCRIPTOR)]
    message = kind()
    assert found.Unpack(message)
    return message


def test_every_method_is_looked_at() -> None:
    methods = messages.DESCRIPTOR.services_by_name["InfraService"].methods_by_name
    assert set(methods) == METHODS.keys() | NOT_THERE_YET.keys()


async def test_a_name_of_another_form_is_told_with_the_form(stage: Stage, infra: Stub) -> None:
    for method, (request, field, right, _) in METHODS.items():
        longer = f"{right}/more"
        for wrong in ("", "/", right[1:], f"{right}/", longer, f"//{right}", f"{right}\n", right.replace("acme", "..")):
            error = await refused(infra, method, request(wrong))
            told = failure_from_error(error)
            assert (error.code().name, told.reason) == ("INVALID_ARGUMENT", "NAME_INVALID"), (method, wrong)
            (violation,) = detail(error, error_details_pb2.BadRequest).field_violations
            assert (violation.field, violation.reason) == (field, "NAME_INVALID")
            assert "must have the form workspaces/{workspace}" in violation.description and told.remedy
        capitals = right[:-1] + "É"
        assert failure_from_error(await refused(infra, method, request(capitals))).reason == "NAME_INVALID"


async def test_what_is_not_there_is_told_by_its_name(stage: Stage, infra: Stub) -> None:
    for method, (request, _, right, reason) in METHODS.items():
        if not reason:
            continue
        error = await refused(infra, method, request(right))
        assert (error.code().name, failure_from_error(error).reason) == ("NOT_FOUND", reason), method
        assert detail(error, error_details_pb2.ResourceInfo).resource_name == right
        info = detail(error, error_details_pb2.ErrorInfo)
        assert (info.reason, info.domain) == (reason, "provisioning.beta9.dev")
        failure = detail(error, FailureMessage)
        assert failure.remedy and right in failure.message and not failure.retryable
        assert error.details() == f"{failure.message} {failure.remedy}"


async def test_another_workspace_s_are_refused_whether_they_are_there_or_not(stage: Stage, infra: Stub) -> None:
    await ask(stage, "op-1")
    for method, (request, _, right, _) in METHODS.items():
        for name in (right, right.replace("e1", "none")):
            error = await refused(infra, method, request(name), only="other")
            told = failure_from_error(error)
            assert (error.code().name, told.reason) == ("PERMISSION_DENIED", "WORKSPACE_FORBIDDEN"), method
        if method != "StreamDeploymentLogs":
            await getattr(infra, method)(request(right), metadata=(("only", "acme"),))


async def test_a_negative_page_size_is_refused(stage: Stage, infra: Stub) -> None:
    await ask(stage, "op-1")
    for method, (request, _, right, _) in METHODS.items():
        asked: Any = request(right)
        if method.startswith("List"):
            asked.page_size = -1
            error = await refused(infra, method, asked)
            assert failure_from_error(error).reason == "PAGE_SIZE_INVALID"
            assert detail(error, error_details_pb2.BadRequest).field_violations[0].field == "page_size"


async def test_what_is_not_in_this_release_says_so(stage: Stage, infra: Stub) -> None:
    for request in (messages.PreviewDeploymentRequest(parent="workspaces/acme"), messages.PreviewDeploymentRequest()):
        error = await refused(infra, "PreviewDeployment", request)
        assert (error.code().name, failure_from_error(error).reason) == ("UNIMPLEMENTED", "PREVIEW_NOT_SUPPORTED")
        assert "later release" in detail(error, FailureMessage).remedy


async def test_without_its_database_each_method_says_to_try_again() -> None:
    away = Database(f"postgresql+asyncpg://nobody:x@127.0.0.1:{free_port()}/none")
    servicer = InfraServicer(
        AttemptRepository(away, STAGE_TABLES), ChangeRepository(away), LogReader(away, STAGE_TABLES)
    )
    server = Server(
        "127.0.0.1:0",
        [SERVICE],
        lambda server: infra_service_pb2_grpc.add_InfraServiceServicer_to_server(servicer, server),
        Principals(),
    )
    await server.start()
    try:
        async with open_channel(f"127.0.0.1:{server.port}") as channel:
            for method, (request, _, right, _) in METHODS.items():
                error = await refused(Stub(channel), method, request(right))
                told = failure_from_error(error)
                assert (error.code().name, told.reason) == ("UNAVAILABLE", "DATABASE_UNAVAILABLE"), method
                assert told.retryable
    finally:
        await server.stop(0)
        await away.close()
