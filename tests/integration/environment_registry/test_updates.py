"""A changed document, and credentials made anew."""

from __future__ import annotations

import grpc.aio
import pytest
from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_pb2, environment_service_pb2, environment_spec_pb2, operation_pb2
from provisioning.environment.v1.planned_change_pb2 import IMPACT_IN_PLACE
from provisioning.infra.v1.events_pb2 import (
    BackendsAvailable,
    ClusterAvailable,
    DeploymentApplied,
    DeploymentRequested,
    PreflightRequested,
)

from libs.failures import Failure
from libs.grpckit import failure_from_error
from tests.integration.environment_registry.conftest import RESIZED, Running, document, metadata_of

Spec = environment_spec_pb2.EnvironmentSpec
UPDATING = environment_pb2.ENVIRONMENT_STATE_UPDATING


def changed(**labels: str) -> Spec:
    """The smallest document with other node labels."""
    spec = document()
    spec.cluster.node_labels.update(labels)
    return spec


async def update(
    registry: Running, spec: Spec, *paths: str, etag: str = "", **fields: bool
) -> operations_pb2.Operation:
    environment = environment_pb2.Environment(name=registry.name(), spec=spec, etag=etag)
    request = environment_service_pb2.UpdateEnvironmentRequest(environment=environment, **fields)
    request.update_mask.paths.extend(paths)
    return await registry.environments.UpdateEnvironment(request)


async def refused(registry: Running, spec: Spec, *paths: str, etag: str = "") -> tuple[str, Failure]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await update(registry, spec, *paths, etag=etag)
    return caught.value.code().name, failure_from_error(caught.value)


async def active(registry: Running) -> environment_pb2.Environment:
    await registry.done(await registry.create())
    return await registry.get()


async def test_an_update_goes_the_whole_way_again_and_tells_what_it_changes(registry: Running) -> None:
    before = await active(registry)
    registry.stages.held.add("deployment")
    operation = await update(registry, changed(team="ml"), "spec", allow_data_loss=True)
    key = await registry.stages.requested("deployment", attempt=2)
    meanwhile = await registry.get()
    assert (meanwhile.state, meanwhile.generation, meanwhile.observed_generation) == (UPDATING, 2, 1)
    await registry.stages.succeed(key)
    ended = metadata_of(await registry.done(operation))
    after = await registry.get()
    assert (after.state, after.observed_generation) == (environment_pb2.ENVIRONMENT_STATE_ACTIVE, 2)
    assert dict(after.spec.cluster.node_labels) == {"team": "ml"} and after.uid == before.uid
    assert [(one.path, one.impact) for one in ended.field_changes] == [("spec.cluster.node_labels", IMPACT_IN_PLACE)]
    assert list(ended.planned_changes) == [RESIZED]
    assert ended.verb == operation_pb2.VERB_UPDATE
    asked = [one for one in registry.stages.requests if isinstance(one, PreflightRequested | DeploymentRequested)]
    first, _, again, deployment = asked
    assert isinstance(first, PreflightRequested) and not first.HasField("present")
    assert isinstance(again, PreflightRequested) and again.present == document() and again.generation == 2
    assert isinstance(deployment, DeploymentRequested) and deployment.allow_data_loss


async def test_what_is_built_keeps_its_versions_until_the_document_says_others(registry: Running) -> None:
    """The engine's defaults may be others by the next update: it is asked for what it told to have built."""
    registry.stages.held.add("deployment")
    create = await registry.create()
    key = await registry.stages.requested("deployment")
    built = environment_pb2.EnvironmentOutputs(
        cluster_version="1.34", postgres_version="16", redis_engine="valkey", redis_version="7.2"
    )
    await registry.stages.tell(key, ClusterAvailable(hand_over=key))
    await registry.stages.tell(key, BackendsAvailable(hand_over=key))
    await registry.stages.answer(key, DeploymentApplied(hand_over=key, outputs=built))
    await registry.done(create)
    registry.stages.held.clear()

    wished = changed(team="ml")
    wished.data.postgres.version = "17"
    operation = metadata_of(await registry.done(await update(registry, wished, "spec")))
    paths = [one.path for one in operation.field_changes]
    assert paths == ["spec.cluster.node_labels", "spec.data.postgres.version"]
    asked = [one for one in registry.stages.requests if isinstance(one, PreflightRequested | DeploymentRequested)]
    preflight, deployment = asked[-2:]
    assert isinstance(preflight, PreflightRequested) and isinstance(deployment, DeploymentRequested)
    assert preflight.spec == deployment.spec
    spec, present = deployment.spec, preflight.present
    assert (spec.cluster.version, spec.data.postgres.version, spec.data.redis.version) == ("1.34", "17", "7.2")
    assert (present.cluster.version, present.data.postgres.version) == ("1.34", "16")
    assert not asked[0].spec.cluster.HasField("version"), "before anything is built the engine's default counts"
    assert (await registry.get()).spec == wished, "the document stays as it was written"


async def test_a_mask_changes_its_fields_alone_and_clears_what_is_not_there(registry: Running) -> None:
    await active(registry)
    wished = Spec()
    wished.cluster.node_labels["team"] = "ml"
    wished.data.postgres.backup_retention_days = 3
    await registry.done(await update(registry, wished))
    found = (await registry.get()).spec
    assert found.cloud == document().cloud and found.data.postgres.backup_retention_days == 3
    paths = ("spec.data.postgres.backup_retention_days", "spec.cluster.node_labels")
    await registry.done(await update(registry, Spec(), *paths))
    found = (await registry.get()).spec
    assert not found.data.postgres.HasField("backup_retention_days") and not found.cluster.node_labels
    for path in ("name", "spec.cluster.unknown", "spec.cluster.node_labels.team", "spec."):
        status, failure = await refused(registry, wished, path)
        assert (status, failure.reason) == ("INVALID_ARGUMENT", "UPDATE_MASK_INVALID"), path


async def test_what_cannot_change_is_refused_all_at_once_and_nothing_is_touched(registry: Running) -> None:
    before = await active(registry)
    spec = document()
    spec.cloud.region = "eu-west-1"
    spec.data.object_store.bucket_prefix = "other"
    status, failure = await refused(registry, spec, "spec")
    assert (status, failure.reason) == ("FAILED_PRECONDITION", "CHANGE_IMPOSSIBLE")
    fields = {violation.field for violation in failure.violations}
    assert fields == {"environment.spec.cloud.region", "environment.spec.data.object_store.bucket_prefix"}
    assert await registry.get() == before
    # The default written down is no change.
    spec = document()
    spec.data.object_store.bucket_prefix = "beta9"
    checked = await update(registry, spec, "spec", validate_only=True)
    assert checked.done and not metadata_of(checked).field_changes
    assert await registry.get() == before


async def test_one_operation_at_a_time_and_only_of_what_was_read(registry: Running) -> None:
    before = await active(registry)
    registry.stages.held.add("preflight")
    await update(registry, changed(team="ml"), "spec", etag=before.etag)
    status, failure = await refused(registry, changed(team="web"), "spec")
    assert (status, failure.reason) == ("ABORTED", "OPERATION_RUNNING")
    status, failure = await refused(registry, changed(team="web"), "spec", etag=before.etag)
    assert (status, failure.reason) == ("ABORTED", "ETAG_MISMATCH")


async def test_a_preflight_that_finds_something_fails_the_create_before_anything_is_there(registry: Running) -> None:
    registry.stages.held.add("preflight")
    operation = await registry.create()
    await registry.stages.fail(await registry.stages.requested("preflight"), "PREFLIGHT_FAILED")
    await registry.done(operation)
    assert [request.DESCRIPTOR.name for request in registry.stages.requests] == ["PreflightRequested"]
    # Nothing is there yet, so that even the region may change.
    spec = document()
    spec.cloud.region = "us-west-2"
    registry.stages.held.clear()
    await registry.done(await update(registry, spec, "spec"))
    assert (await registry.get()).spec.cloud.region == "us-west-2"


async def test_a_rotation_raises_what_it_names_and_keeps_the_document(registry: Running) -> None:
    before = await active(registry)
    rotate = environment_service_pb2.RotateCredentialsRequest(
        name=registry.name(), credentials=[environment_service_pb2.CREDENTIAL_REDIS_AUTH_TOKEN]
    )
    operation = await registry.done(await registry.environments.RotateCredentials(rotate))
    assert metadata_of(operation).verb == operation_pb2.VERB_ROTATE
    after = await registry.get()
    versions = after.credential_versions
    assert (versions.postgres_password, versions.redis_auth_token, versions.workspace_storage_key) == (1, 2, 1)
    assert (after.spec, after.generation) == (before.spec, before.generation)
    asked = [one for one in registry.stages.requests if isinstance(one, DeploymentRequested)]
    assert [one.credential_versions.redis_auth_token for one in asked] == [1, 2]
    assert [one.allow_data_loss for one in asked] == [True, False], "what is being created holds nothing yet"
    rotate.ClearField("credentials")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await registry.environments.RotateCredentials(rotate)
    assert failure_from_error(caught.value).reason == "CREDENTIALS_MISSING"


async def test_a_protected_environment_is_not_deleted_before_its_document_lets_it(registry: Running) -> None:
    before = await active(registry)
    protected = Spec(deletion_protection=True)
    await registry.done(await update(registry, protected))
    delete = environment_service_pb2.DeleteEnvironmentRequest(name=registry.name())
    for delete.validate_only in (True, False):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await registry.environments.DeleteEnvironment(delete)
        failure = failure_from_error(caught.value)
        assert (caught.value.code().name, failure.reason) == ("FAILED_PRECONDITION", "DELETION_PROTECTED")
        assert "deletion_protection false" in failure.remedy
    assert (await registry.get()).state == before.state
    await registry.done(await update(registry, Spec(), "spec.deletion_protection"))
    await registry.done(await registry.environments.DeleteEnvironment(delete))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await registry.environments.DeleteEnvironment(delete)
    assert failure_from_error(caught.value).reason == "ENVIRONMENT_NOT_FOUND"
