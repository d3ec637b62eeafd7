"""What can go wrong on the way: the state that follows, what is told of it, who must act, and how it goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc.aio
import pytest

from libs.embedded.platform import Platform
from libs.grpckit import failure_from_error
from tests.e2e.client import Client, Operation, actor_of, failure_of, in_step, metadata_of, state_of
from tests.e2e.customer import Customer, ask, order_fault

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def failed_with(
    client: Client, name: str, operation: Operation, reason: str, *, actor: str, stage: str, step: str
) -> str:
    """The remedy of the one failure that operation and environment both tell."""
    ended = await client.wait(operation.name)
    assert ended.WhichOneof("result") == "error", ended
    failure = failure_of(ended)
    assert (failure.reason, actor_of(failure), failure.stage, failure.step) == (reason, actor, stage, step), failure
    assert failure.message and failure.remedy
    assert failure.trace_id == metadata_of(ended).trace_id
    environment = await client.get(name)
    assert state_of(environment) == "FAILED"
    assert environment.failure == failure
    return str(failure.remedy)


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
    remedy = await failed_with(
        client, "no-role", operation, "ROLE_NOT_ASSUMABLE",
        actor="CUSTOMER", stage="state_backend", step="prove_access",
    )  # fmt: skip
    assert stranger.role_arn in remedy
    # Once the customer has made it, a retry goes on from there.
    await stranger.onboard(await client.external_id())
    await client.until("no-role", lambda one: state_of(one) == "FAILED", "the end")
    again = await client.retry("no-role")
    await client.until("no-role", in_step("deployment", "synthesize"), "the stage behind the proof")
    await client.delete("no-role")
    ended = await client.wait(again.name)
    assert ended.WhichOneof("result") == "error"
    await goes_away(client, stranger, "no-role")


async def test_role_that_trusts_another_external_id(client: Client, customer: Customer) -> None:
    await customer.onboard("another")
    operation = await client.create("other-id", customer.spec())
    await failed_with(
        client, "other-id", operation, "ROLE_NOT_ASSUMABLE",
        actor="CUSTOMER", stage="state_backend", step="prove_access",
    )  # fmt: skip
    assert await customer.inventory() == {}, "something was made in an account that lets nobody in"


async def test_role_that_requires_no_external_id(client: Client, customer: Customer) -> None:
    await customer.trust_without_external_id()
    operation = await client.create("open-role", customer.spec())
    remedy = await failed_with(
        client, "open-role", operation, "EXTERNAL_ID_NOT_REQUIRED",
        actor="CUSTOMER", stage="state_backend", step="prove_access",
    )  # fmt: skip
    assert await client.external_id() in remedy
    assert await customer.inventory() == {}


async def test_document_with_an_external_id_of_somebody_else(client: Client, customer: Customer) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.create("wrong-id", customer.spec(externalId="b9-somebody-else"))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    failure = failure_from_error(refused.value)
    assert [one.field for one in failure.violations] == ["environment.spec.cloud.external_id"], failure
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await client.get("wrong-id")
    assert unknown.value.code() is grpc.StatusCode.NOT_FOUND


# The apply.


async def test_apply_error_then_retry_then_delete(client: Client, customer: Customer) -> None:
    message = "User: provisioner is not authorized to perform: eks:CreateNodegroup"
    await order_fault(customer.sandbox, "eks", "CreateNodegroup", "AccessDeniedException", message, count=3)
    try:
        operation = await client.create("apply-error", customer.spec())
        await failed_with(
            client, "apply-error", operation, "AWS_ACCESS_DENIED", actor="CUSTOMER", stage="deployment", step="apply"
        )
    finally:
        await ask(customer.sandbox, "DELETE", "faults")
    told = (await client.get("apply-error")).failure
    assert told.resource_address.startswith("aws_eks_node_group."), told
    (cluster,) = _clusters(await customer.inventory())

    await becomes_active(client, "apply-error", await client.retry("apply-error"))
    assert _clusters(await customer.inventory()) == [cluster], "the retry did not go on with what there was"
    await goes_away(client, customer, "apply-error")


def _clusters(inventory: dict[str, list[str]]) -> list[str]:
    return [arn for arn in inventory["eks:resource"] if ":cluster/" in arn]


# Charts and the gateway.


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


async def test_charts_that_are_missing_or_fail_and_a_silent_gateway(
    client: Client, customer: Customer, charts: Path
) -> None:
    """One environment meets them one after the other, and each retry goes on where the last one stopped."""
    name = "bad-charts"
    with moved_away(charts / "cert-manager"):
        remedy = await failed_with(
            client, name, await client.create(name, customer.spec("silent.gateway.test")), "CHART_NOT_FOUND",
            actor="PLATFORM", stage="baseline", step="install_cert_manager",
        )  # fmt: skip
        assert remedy
    with broken(charts / "beta9-chart"):
        await failed_with(
            client, name, await client.retry(name), "HELM_FAILED",
            actor="PLATFORM", stage="beta9", step="install_beta9",
        )  # fmt: skip
    await failed_with(
        client, name, await client.retry(name), "GATEWAY_NEVER_ANSWERED",
        actor="PLATFORM", stage="beta9", step="wait_for_gateway",
    )  # fmt: skip
    stages = {one.stage: one.attempt for one in (await client.get(name)).stages}
    assert stages["deployment"] == 1, "the infrastructure was asked for again"
    assert (stages["baseline"], stages["beta9"]) == (2, 2)
    await goes_away(client, customer, name)


# People who change their mind.


async def test_delete_during_a_create_supersedes_it(small: Platform, client: Client, customer: Customer) -> None:
    create = await client.create("superseded", customer.spec())
    await client.until("superseded", in_step("deployment", "apply"), "the apply")
    delete = await client.delete("superseded")
    assert (await client.delete("superseded")).name == delete.name, "a second delete joins the first"
    ended = await client.wait(delete.name)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    first = await client.wait(create.name, 5)
    assert first.WhichOneof("result") == "error"
    assert first.error.code in (grpc.StatusCode.ABORTED.value[0], grpc.StatusCode.CANCELLED.value[0]), first.error
    assert state_of(await client.get("superseded")) == "DELETED"
    assert set(await customer.inventory()) <= {"s3:bucket"}


async def test_cancel_is_honoured_at_a_boundary_and_a_retry_goes_on(client: Client, customer: Customer) -> None:
    create = await client.create("cancelled", customer.spec())
    await client.until("cancelled", in_step("deployment", "init"), "the init")
    await client.cancel(create.name)
    ended = await client.wait(create.name, 60)
    assert ended.error.code == grpc.StatusCode.CANCELLED.value[0], ended
    environment = await client.get("cancelled")
    assert state_of(environment) == "CANCELLED"
    assert "STOPPED" in str(environment.stages)
    await becomes_active(client, "cancelled", await client.retry("cancelled"))
    await goes_away(client, customer, "cancelled")
