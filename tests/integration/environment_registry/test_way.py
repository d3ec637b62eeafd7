"""The way of an environment, through the registry's own doors, with played stages."""

from __future__ import annotations

import grpc
import pytest
from google.longrunning import operations_pb2
from google.rpc import code_pb2, error_details_pb2
from provisioning.environment.v1 import environment_pb2, failure_pb2, hand_over_pb2, operation_pb2
from provisioning.infra.v1 import events_pb2 as infra

from libs.eventing.subjects import EVENTS_PREFIX
from tests.integration.environment_registry.conftest import Running, metadata_of

pytestmark = pytest.mark.integration


async def test_there_and_back(registry: Running) -> None:
    operation = await registry.done(await registry.create())

    environment = environment_pb2.Environment()
    assert operation.response.Unpack(environment)
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_ACTIVE
    assert environment.outputs == environment_pb2.EnvironmentOutputs(
        cluster_name="cluster", rds_endpoint="db:5432", vpc_id="vpc-1", gateway_url="https://beta9",
        state_bucket="bucket", state_key="w/e/terraform.tfstate",
    )  # fmt: skip
    assert environment == await registry.get()
    metadata = metadata_of(operation)
    assert (metadata.verb, metadata.resources_done, metadata.resources_planned) == (operation_pb2.VERB_CREATE, 2, 2)

    deleted = await registry.done(await registry.delete())

    assert deleted.response.Unpack(environment)
    assert environment.state == environment_pb2.ENVIRONMENT_STATE_DELETED
    assert [kept.resource for kept in environment.kept] == ["snapshot", "s3://bucket"]
    assert [request.hand_over.stage for request in registry.stages.requests] == [  # type: ignore[attr-defined]
        "state_backend", "deployment", "baseline", "beta9", "drain", "destroy", "release",
    ]  # fmt: skip
