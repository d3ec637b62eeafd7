"""What can go wrong on the way: the state that follows, what is told of it, who must act, and how it goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import grpc.aio
import pytest
from provisioning.environment.v1.failure_pb2 import Failure

from libs.grpckit import failure_from_error
from tests.e2e.client import Client, Operation, actor_of, failure_of, in_step, metadata_of, state_of
from tests.e2e.customer import Customer, ask, order_fault

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

_CODES = {"CUSTOMER": grpc.StatusCode.FAILED_PRECONDITION, "PLATFORM": grpc.StatusCode.INTERNAL}


async def failed_with(
    client: Client, name: str, operation: Operation, reason: str, *, actor: str, stage: str, step: str
) -> Failure:
    """The one failure that operation and environment both tell."""
    ended = await client.wait(operation.name)
    assert ended.WhichOneof("result") == "error", ended
    failure = failure_of(ended)
    assert (failure.reason, actor_of(failure), failure.stage, failure.step) == (reason, actor, stage, step), failure
    assert ended.error.code == _CODES[actor].value[0], ended.error
    assert ended.error.message == f"{failure.message} {failure.remedy}"
    assert failure.message and failure.remedy
    assert len(failure.trace_id) == 32 and failure.trace_id == metadata_of(ended).trace_id
    environment = await client.get(name)
    assert state_of(environment) == "FAILED"
    assert environment.failure == failure
    return failure


def reasons(failure: Failure) -> list[str]:
    return [one.reason for one in failure.violations]


async def goes_away(client: Client, customer: Customer, name: str) -> None:
    ended = await client.wait((await client.delete(name)).name)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    assert state_of(await client.get(name)) == "DELETED"
    assert set(await customer.inventory()) <= {"s3:bucket"}


async def becomes_active(client: Client, name: str, operation: Operation) -> None:
    ended = await client.wait(operation.name)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    environment = await client.get(name)
    assert state_of(environment) == "ACTIVE"
    assert not environment.HasField("failure")


# The customer's role.


async def test_role_that_does_not_exist(client: Client, account: Callable[[], Customer]) -> None:
    stranger = account()
    operation = await client.create("no-role", stranger.spec())
    failure = await failed_with(
        client, "no-role", operation, "PREFLIGHT_FAILED",
        actor="CUSTOMER", stage="preflight", step="check_account",
    )  # fmt: skip
    assert reasons(failure) == ["ROLE_NOT_ASSUMABLE"]
    assert stranger.role_arn in failure.remedy and await client.external_id() in failure.remedy
    # Once the customer has made it, a retry goes on from there.
    await stranger.onboard(await client.external_id())
    await client.retry("no-role")
    past = await client.until("no-role", in_step("deployment", "synthesize"), "the stage behind the proof")
    assert not past.HasField("failure")
    assert {one.stage: one.attempt for one in past.stages}["preflight"] == 2
    await goes_away(client, stranger, "no-role")


async def test_role_that_trusts_another_external_id(client: Client, customer: Customer) -> None:
    await customer.onboard("another")
    operation = await client.create("other-id", customer.spec())
    failure = await failed_with(
        client, "other-id", operation, "PREFLIGHT_FAILED",
        actor="CUSTOMER", stage="preflight", step="check_account",
    )  # fmt: skip
    assert reasons(failure) == ["ROLE_NOT_ASSUMABLE"]
    assert await client.external_id() in failure.remedy
    assert await customer.inventory() == {}, "something was made in an account that lets nobody in"
    await goes_away(client, customer, "other-id")


async def test_role_that_requires_no_external_id(client: Client, customer: Customer) -> None:
    await customer.trust_without_external_id()
    operation = await client.create("open-role", customer.spec())
    failure = await failed_with(
        client, "open-role", operation, "PREFLIGHT_FAILED",
        actor="CUSTOMER", stage="preflight", step="check_account",
    )  # fmt: skip
    assert reasons(failure) == ["EXTERNAL_ID_NOT_REQUIRED"]
    assert await client.external_id() in failure.remedy
    assert await customer.inventory() == {}, "something was made by a role that anybody's customer can borrow"
    await goes_away(client, customer, "open-role")


async def test_document_with_an_external_id_of_somebody_else(client: Client, customer: Customer) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.create("wrong-id", customer.spec(externalId="b9-somebody-else"))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    failure = failure_from_error(refused.value)
    assert [one.field for one in failure.violations] == ["environment.spec.cloud.external_id"], failure
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await client.get("wrong-id")
    assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
    assert await customer.inventory() == {}


# What AWS refuses, what charts do, and a gateway that is silent.


async def test_every_step_that_can_fail_is_told_and_a_retry_goes_on_where_it_stopped(
    client: Client, customer: Customer, charts: Path
) -> None:
    """One environment meets them one after the other, and what was made stays."""
    name = "refused"
    async with refused(customer, "s3", "CreateBucket", "AccessDenied"):
        failure = await failed_with(
            client, name, await client.create(name, customer.spec("silent.gateway.test")), "AWS_PERMISSION_DENIED",
            actor="CUSTOMER", stage="state_backend", step="ensure_bucket",
        )  # fmt: skip
    assert customer.role_arn in failure.remedy
    async with refused(customer, "eks", "CreateNodegroup", "AccessDeniedException"):
        failure = await failed_with(
            client, name, await client.retry(name), "AWS_ACCESS_DENIED",
            actor="CUSTOMER", stage="deployment", step="apply",
        )  # fmt: skip
    assert failure.resource_address.startswith("aws_eks_node_group."), failure
    assert failure.metadata["aws_error_code"] == "AccessDeniedException"
    (before,) = await _clusters(customer)

    with moved_away(charts / "cert-manager"):
        failure = await failed_with(
            client, name, await client.retry(name), "CHART_NOT_FOUND",
            actor="PLATFORM", stage="baseline", step="install_cert_manager",
        )  # fmt: skip
    assert "cert-manager" in failure.message
    with broken(charts / "beta9-chart"):
        failure = await failed_with(
            client, name, await client.retry(name), "HELM_FAILED",
            actor="PLATFORM", stage="beta9", step="install_beta9",
        )  # fmt: skip
    assert "NoSuchKind" in failure.metadata["helm_error"]
    failure = await failed_with(
        client, name, await client.retry(name), "GATEWAY_NEVER_ANSWERED",
        actor="PLATFORM", stage="beta9", step="wait_for_gateway",
    )  # fmt: skip
    assert failure.retryable and failure.metadata["last_answer"] and "gateway" in failure.metadata["pods"], failure
    assert failure.metadata["last_answer"] in failure.message
    stages = {one.stage: one.attempt for one in (await client.get(name)).stages}
    assert stages["deployment"] == 2, "the infrastructure was asked for again"
    assert (stages["baseline"], stages["beta9"]) == (2, 2)
    assert await _clusters(customer) == [before], "a retry did not go on with what there was"

    # The document was at fault in the end: another domain's gateway answers.
    await becomes_active(client, name, await client.update(name, customer.spec()))
    assert await _clusters(customer) == [before]
    await goes_away(client, customer, name)


@contextlib.asynccontextmanager
async def refused(customer: Customer, service: str, action: str, code: str) -> AsyncIterator[None]:
    """AWS refuses an action to everybody meanwhile, however often it is tried."""
    message = f"User: provisioner is not authorized to perform: {service}:{action}"
    await order_fault(customer.sandbox, service, action, code, message, count=1000)
    try:
        yield
    finally:
        await ask(customer.sandbox, "DELETE", "faults")


async def _clusters(customer: Customer) -> list[tuple[str, object]]:
    """Each cluster's name and when it was made, which tells one from another of the same name."""
    eks = await customer.client("eks")
    names = (await asyncio.to_thread(eks.list_clusters))["clusters"]
    found = [(await asyncio.to_thread(eks.describe_cluster, name=name))["cluster"] for name in names]
    return [(one["name"], one["createdAt"]) for one in found]


@contextlib.contextmanager
def moved_away(folder: Path) -> Iterator[None]:
    aside = folder.with_name(folder.name + ".aside")
    folder.rename(aside)
    try:
        yield
    finally:
        aside.rename(folder)


@contextlib.contextmanager
def broken(folder: Path) -> Iterator[None]:
    template = folder / "templates" / "broken.yaml"
    template.write_text("apiVersion: none/v1\nkind: NoSuchKind\nmetadata:\n  name: broken\n")
    try:
        yield
    finally:
        template.unlink()
