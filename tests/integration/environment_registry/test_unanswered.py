"""Changes whose commit was not answered: made once, and answered as if nothing had been."""

from __future__ import annotations

import pytest
from google.longrunning import operations_pb2 as messages
from provisioning.environment.v1 import environment_pb2, environment_service_pb2, operation_pb2

from tests.integration.environment_registry.conftest import Running, metadata_of
from tests.integration.environment_registry.errors import refused
from tests.integration.environment_registry.test_updates import changed, update
from tests.integration.unanswered import leave_commits_unanswered

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def unanswered(registry: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_commits_unanswered(registry.database, monkeypatch)


async def verbs(registry: Running) -> list[int]:
    """The operations there are, oldest first."""
    listed = await registry.operations.ListOperations(messages.ListOperationsRequest(name=registry.parent))
    return [metadata_of(one).verb for one in reversed(listed.operations)]


async def test_an_environment_there_and_back(registry: Running) -> None:
    await registry.done(await registry.create())
    await registry.done(await update(registry, changed(team="ml"), "spec"))
    rotation = environment_service_pb2.RotateCredentialsRequest(
        name=registry.name(), credentials=[environment_service_pb2.CREDENTIAL_REDIS_AUTH_TOKEN]
    )
    await registry.done(await registry.environments.RotateCredentials(rotation))
    assert (await registry.get()).generation == 2
    await registry.done(await registry.delete())
    assert await verbs(registry) == [
        operation_pb2.VERB_CREATE, operation_pb2.VERB_UPDATE, operation_pb2.VERB_ROTATE, operation_pb2.VERB_DELETE,
    ]  # fmt: skip


async def test_an_operation_cancelled_taken_up_again_and_forgotten(registry: Running) -> None:
    registry.stages.held = {"deployment"}
    operation = await registry.create()
    await registry.stages.requested("deployment")
    await registry.operations.CancelOperation(messages.CancelOperationRequest(name=operation.name))
    await registry.done(operation)
    assert (await registry.get()).state == environment_pb2.ENVIRONMENT_STATE_CANCELLED
    registry.stages.held = set()
    await registry.done(await registry.retry())
    await registry.operations.DeleteOperation(messages.DeleteOperationRequest(name=operation.name))
    assert await verbs(registry) == [operation_pb2.VERB_RETRY]


async def test_a_refusal_stays_one(registry: Running) -> None:
    await registry.create()
    assert (await refused(registry.create())).reason == "ENVIRONMENT_EXISTS"
