"""A cluster of the customer's takes one environment."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_pb2, environment_service_pb2, failure_pb2
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec

from libs.grpckit import failure_from_proto
from services.environment_registry.repository.existing_clusters import claim_cluster
from tests.integration.environment_registry.conftest import PATIENCE, Running, document

pytestmark = pytest.mark.integration
ACTIVE, FAILED = environment_pb2.ENVIRONMENT_STATE_ACTIVE, environment_pb2.ENVIRONMENT_STATE_FAILED


def in_cluster(cluster: str, region: str = "us-east-1") -> EnvironmentSpec:
    spec = document()
    spec.cloud.region = region
    spec.cluster.use_existing, spec.cluster.existing_cluster_name = True, cluster
    return spec


@pytest.fixture
def cluster() -> str:
    """A cluster of the test's own: the rows of others stay."""
    return f"theirs-{secrets.token_hex(4)}"


async def create(registry: Running, name: str, spec: EnvironmentSpec, *, parent: str = "") -> operations_pb2.Operation:
    return await registry.environments.CreateEnvironment(
        environment_service_pb2.CreateEnvironmentRequest(
            parent=parent or registry.parent, environment_id=name, environment=environment_pb2.Environment(spec=spec)
        )
    )


def failure_of(operation: operations_pb2.Operation) -> failure_pb2.Failure:
    failure = failure_pb2.Failure()
    assert any(detail.Unpack(failure) for detail in operation.error.details)
    return failure


async def test_of_two_that_are_created_at_once_one_is_refused_before_anything_is_touched(
    registry: Running, cluster: str
) -> None:
    stages, spec = registry.stages, in_cluster(cluster)
    stages.held = {"preflight"}
    opened = [await create(registry, name, spec) for name in ("one", "two")]
    async with asyncio.timeout(PATIENCE):
        while len(stages.requests) < 2:
            await asyncio.sleep(0.01)
    stages.held.clear()
    await asyncio.gather(*(stages.succeed(one.hand_over) for one in stages.requests))  # type: ignore[attr-defined]

    ended = [await registry.done(one) for one in opened]
    (lost,) = [one for one in ended if one.HasField("error")]
    won, refused = ("one", "two") if lost is ended[1] else ("two", "one")
    failure = failure_from_proto(failure_of(lost))
    assert (failure.reason, failure.resource_address) == ("CLUSTER_OCCUPIED", registry.name(won))
    assert [one.field for one in failure.violations] == ["environment.spec.cluster.existing_cluster_name"]
    assert (await registry.get(won)).state == ACTIVE
    assert (await registry.get(refused)).state == FAILED
    asked = {one.hand_over.stage for one in stages.requests if one.hand_over.environment == registry.name(refused)}  # type: ignore[attr-defined]
    assert asked == {"preflight"}

    # It is refused for as long as the other one is there, and no longer.
    again = await registry.done(await registry.retry(refused))
    assert failure_of(again).reason == "CLUSTER_OCCUPIED"
    await registry.done(await registry.delete(won))
    assert not (await registry.done(await registry.retry(refused))).HasField("error")
    assert (await registry.get(refused)).state == ACTIVE


async def test_what_is_built_is_held_up_by_nobody(registry: Running, cluster: str) -> None:
    spec = in_cluster(cluster)
    await registry.done(await create(registry, "one", spec))
    spec.data.postgres.backup_retention_days = 3
    request = environment_service_pb2.UpdateEnvironmentRequest(
        environment=environment_pb2.Environment(name=registry.name(), spec=spec)
    )
    assert not (await registry.done(await registry.environments.UpdateEnvironment(request))).HasField("error")


async def test_the_same_name_elsewhere_is_another_cluster(registry: Running, cluster: str) -> None:
    for name, region in (("one", "us-east-1"), ("two", "eu-west-1")):
        await registry.done(await create(registry, name, in_cluster(cluster, region)))
        assert (await registry.get(name)).state == ACTIVE


async def test_an_environment_of_another_workspace_is_not_named(registry: Running, cluster: str) -> None:
    spec, theirs = in_cluster(cluster), f"w{secrets.token_hex(5)}"
    await create(registry, "one", spec, parent=f"workspaces/{theirs}")
    request = environment_service_pb2.GetEnvironmentRequest(name=f"workspaces/{theirs}/environments/one")
    uid = (await registry.environments.GetEnvironment(request)).uid
    cloud = spec.cloud
    async with registry.database.transaction() as connection:  # as if its pre-flight had passed
        assert not await claim_cluster(
            connection, uid, account_id=cloud.account_id, region=cloud.region, cluster=cluster
        )

    failure = failure_from_proto(failure_of(await registry.done(await create(registry, "one", spec))))
    assert (failure.reason, failure.resource_address) == ("CLUSTER_OCCUPIED", "")
    assert theirs not in str(failure) and "another workspace" in failure.message
