"""What the front door accepts, refuses, and answers twice."""

from __future__ import annotations

import asyncio
import uuid

import grpc
import pytest
import sqlalchemy as sa
from google.longrunning import operations_pb2
from google.rpc import error_details_pb2
from provisioning.environment.v1 import environment_pb2, environment_service_pb2, environment_spec_pb2

from services.environment_registry import tables
from tests.integration.environment_registry.conftest import Running, document
from tests.integration.environment_registry.errors import refused

pytestmark = pytest.mark.integration


async def rows(registry: Running) -> list[int]:
    written = (tables.environments, tables.operations, tables.changes, tables.request_ids, tables.EVENTS.outbox)
    async with registry.database.transaction() as connection:
        counts = [await connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in written]
    return [count or 0 for count in counts]


async def create(registry: Running, environment_id: str, spec: environment_spec_pb2.EnvironmentSpec) -> object:
    return await registry.environments.CreateEnvironment(
        environment_service_pb2.CreateEnvironmentRequest(
            parent=registry.parent,
            environment_id=environment_id,
            environment=environment_pb2.Environment(spec=spec),
            request_id=str(uuid.uuid4()),
        )
    )


async def test_an_empty_document_is_refused_with_every_violation_and_nothing_is_touched(registry: Running) -> None:
    error = await refused(create(registry, "one", environment_spec_pb2.EnvironmentSpec()))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "DOCUMENT_INVALID")
    assert error.fields == {
        f"environment.spec.{field}"
        for field in ("cloud.provider", "cloud.region", "cloud.account_id", "cloud.role_arn", "beta9.domain")
    }
    assert await rows(registry) == [0, 0, 0, 0, 0]


async def test_what_is_not_built_yet_is_refused_by_name(registry: Running) -> None:
    spec = document()
    spec.cloud.region = "us-gov-west-1"
    error = await refused(create(registry, "one", spec))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "DOCUMENT_NOT_SUPPORTED")
    assert error.fields == {"environment.spec.cloud.region"}


@pytest.mark.parametrize("environment_id", ["", "One", "1one", "one-", "o" * 41, "a.b", "a*", "a>"])
async def test_an_illegal_id_is_refused(registry: Running, environment_id: str) -> None:
    error = await refused(create(registry, environment_id, document()))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ENVIRONMENT_ID_INVALID")


async def test_a_name_that_is_taken_is_refused(registry: Running) -> None:
    registry.stages.held = {"preflight"}  # the first one, so that nothing else is written meanwhile
    await registry.create()
    before = await rows(registry)
    error = await refused(create(registry, "one", document()))
    assert (error.code, error.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ENVIRONMENT_EXISTS")
    assert error.detail(error_details_pb2.ResourceInfo).resource_name == registry.name()
    assert await rows(registry) == before


async def test_unknown_names_are_not_found(registry: Running) -> None:
    for call, reason in (
        (registry.get("other"), "ENVIRONMENT_NOT_FOUND"),
        (registry.delete("other"), "ENVIRONMENT_NOT_FOUND"),
        (registry.retry("other"), "ENVIRONMENT_NOT_FOUND"),
        (
            registry.operations.GetOperation(
                operations_pb2.GetOperationRequest(name=f"{registry.parent}/operations/other")
            ),
            "OPERATION_NOT_FOUND",
        ),
        (
            registry.operations.CancelOperation(
                operations_pb2.CancelOperationRequest(name=f"{registry.parent}/operations/other")
            ),
            "OPERATION_NOT_FOUND",
        ),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, reason)


async def test_a_malformed_name_is_refused(registry: Running) -> None:
    request = environment_service_pb2.GetEnvironmentRequest(name="environments/one")
    error = await refused(registry.environments.GetEnvironment(request))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID")


async def test_validate_only_checks_everything_and_creates_nothing(registry: Running) -> None:
    operation = await registry.create(validate_only=True)
    environment = environment_pb2.Environment()
    assert (operation.name, operation.done) == ("", True)
    assert operation.response.Unpack(environment)
    assert (environment.name, environment.uid) == (registry.name(), "")
    assert await rows(registry) == [0, 0, 0, 0, 0]
    registry.stages.held = {"state_backend"}
    await registry.create()
    error = await refused(registry.create(validate_only=True))
    assert error.reason == "ENVIRONMENT_EXISTS"


async def test_a_repeated_request_gets_the_first_answer(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    request_id = str(uuid.uuid4())
    answers = await asyncio.gather(*(registry.create(request_id=request_id) for _ in range(5)))
    assert len({answer.name for answer in answers}) == 1
    error = await refused(registry.create("two", request_id=request_id))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")
    error = await refused(registry.create("two", request_id="not a uuid"))
    assert error.reason == "REQUEST_ID_INVALID"


async def test_a_stale_etag_is_refused(registry: Running) -> None:
    registry.stages.held = {"deployment"}
    await registry.create()
    await registry.stages.requested("deployment")
    error = await refused(registry.delete(etag='"stale"'))
    assert (error.code, error.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    environment = await registry.get()
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_PROVISIONING
    assert (await registry.delete(etag=environment.etag)).name


async def test_a_retry_of_what_runs_is_refused(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    await registry.create()
    error = await refused(registry.retry())
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ENVIRONMENT_STATE_WRONG")
    violations = error.detail(error_details_pb2.PreconditionFailure).violations
    assert "FAILED and CANCELLED" in violations[0].description


async def test_a_delete_of_what_is_deleted_finds_nothing(registry: Running) -> None:
    await registry.done(await registry.create())
    await registry.done(await registry.delete())
    assert (await refused(registry.delete())).code is grpc.StatusCode.NOT_FOUND
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_DELETED


async def test_the_external_id_is_issued_once_and_is_the_documents(registry: Running) -> None:
    request = environment_service_pb2.IssueExternalIdRequest(parent=registry.parent)
    answers = await asyncio.gather(*(registry.environments.IssueExternalId(request) for _ in range(5)))
    issued = {answer.external_id for answer in answers}
    assert len(issued) == 1
    spec = document()
    spec.cloud.external_id = "another"
    error = await refused(create(registry, "one", spec))
    assert error.fields == {"environment.spec.cloud.external_id"}
    spec.cloud.external_id = issued.pop()
    registry.stages.held = {"state_backend"}
    await create(registry, "one", spec)
    await registry.stages.requested("state_backend")
    assert registry.stages.requests[0].access.external_id == spec.cloud.external_id  # type: ignore[attr-defined]


async def test_what_this_release_does_not_serve_says_so(registry: Running) -> None:
    service, name = registry.environments, registry.name()
    for call, reason in (
        (
            service.ApproveEnvironmentPlan(environment_service_pb2.ApproveEnvironmentPlanRequest(name=name)),
            "APPROVAL_NOT_SUPPORTED",
        ),
        (
            service.RejectEnvironmentPlan(environment_service_pb2.RejectEnvironmentPlanRequest(name=name)),
            "APPROVAL_NOT_SUPPORTED",
        ),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (grpc.StatusCode.UNIMPLEMENTED, reason)


async def test_environments_are_listed_by_name_a_page_at_a_time(registry: Running) -> None:
    registry.stages.held = {"state_backend"}
    for environment_id in ("c", "a", "b"):
        await registry.create(environment_id)
    request = environment_service_pb2.ListEnvironmentsRequest(parent=registry.parent, page_size=2)
    first = await registry.environments.ListEnvironments(request)
    assert [environment.name for environment in first.environments] == [registry.name("a"), registry.name("b")]
    request.page_token = first.next_page_token
    second = await registry.environments.ListEnvironments(request)
    assert [environment.name for environment in second.environments] == [registry.name("c")]
    assert second.next_page_token == ""
    request.show_deleted = True
    assert (await refused(registry.environments.ListEnvironments(request))).reason == "PAGE_TOKEN_INVALID"
    request.page_token = "garbage!"
    assert (await refused(registry.environments.ListEnvironments(request))).reason == "PAGE_TOKEN_INVALID"
    negative = environment_service_pb2.ListEnvironmentsRequest(parent=registry.parent, page_size=-1)
    assert (await refused(registry.environments.ListEnvironments(negative))).reason == "PAGE_SIZE_INVALID"


async def test_deleted_environments_are_listed_on_request(registry: Running) -> None:
    await registry.done(await registry.create())
    await registry.done(await registry.delete())
    request = environment_service_pb2.ListEnvironmentsRequest(parent=registry.parent)
    assert (await registry.environments.ListEnvironments(request)).environments == []
    request.show_deleted = True
    assert len((await registry.environments.ListEnvironments(request)).environments) == 1
