"""Failures that mend themselves, failures that do not, and a cancel in the middle of an apply, on a whole platform.

With CRASH_ALL=1 both tests run; without, the one of which the registry's own tests have the most is left out.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid

import pytest
from google.protobuf import json_format
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1.operation_pb2 import OperationMetadata, StageProgress

from tests.crash import truth
from tests.crash.lab import Lab
from tests.crash.proxy import Trap, When
from tests.e2e.client import PARENT, Operation, failure_of, metadata_of, state_of
from tests.e2e.customer import Customer, order_fault

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(480)]

# Terraform ends in a moment; the rest is what tells the worker of the stop, and the registry of its end.
_STOPPED_WITHIN = 30.0


def _deployment(metadata: OperationMetadata) -> StageProgress:
    return next(stage for stage in metadata.stages if stage.stage == "deployment")


async def _create(lab: Lab, customer: Customer, name: str, policy: messages.OnCreateFailure) -> Operation:
    request = messages.CreateEnvironmentRequest(
        parent=PARENT, environment_id=name, request_id=str(uuid.uuid4()), on_create_failure=policy
    )
    json_format.ParseDict(customer.spec(), request.environment.spec)
    return await lab.client.environments.CreateEnvironment(request, timeout=30)


@pytest.mark.skipif(not os.environ.get("CRASH_ALL"), reason="takes a minute of the processor: CRASH_ALL=1")
async def test_a_refused_create_is_not_tried_again_and_is_destroyed_by_policy(lab: Lab) -> None:
    customer = await lab.customer()
    assert lab.platform.endpoints.sandbox is not None
    await order_fault(lab.platform.endpoints.sandbox, "ec2", "CreateSubnet", "UnauthorizedOperation", "No.")
    operation = await _create(lab, customer, "refused", messages.ON_CREATE_FAILURE_DESTROY)
    uid = (await lab.client.get("refused")).uid

    ended = await lab.client.wait(operation.name, 300)

    failure = failure_of(ended)
    assert (failure.reason, failure.metadata["destroyed"]) == ("AWS_ACCESS_DENIED", "true")
    assert _deployment(metadata_of(ended)).retries == 0
    assert state_of(await lab.client.get("refused")) == "DELETED"
    assert await truth.destroyed(lab, customer, uid) == []


async def test_a_throttled_apply_goes_on_by_itself_a_cancel_stops_it_and_a_retry_goes_on(lab: Lab) -> None:
    customer = await lab.customer()
    assert lab.platform.endpoints.sandbox is not None
    # More than the provider's own tries, so that the apply fails and the step is tried again.
    await order_fault(lab.platform.endpoints.sandbox, "ec2", "CreateVpc", "RequestLimitExceeded", "Slow down.", 4)
    lab.proxy.begin(customer.account_id)
    asked = asyncio.Event()

    async def cancel() -> None:
        await lab.client.cancel(operation.name)
        asked.set()

    # The call is held until Terraform hangs up, which only the stop makes it do.
    lab.proxy.arm(customer.account_id, Trap("ec2:CreateSubnet", 1, When.BEFORE, cancel))
    operation = await lab.client.create("cancelled", customer.spec())
    await asyncio.wait_for(asked.wait(), 240)
    began = time.monotonic()

    ended = await lab.client.wait(operation.name, 90)

    assert time.monotonic() - began < _STOPPED_WITHIN
    assert failure_of(ended).reason == "OPERATION_CANCELLED"
    metadata = metadata_of(ended)
    assert metadata.HasField("resources_existing") and metadata.resources_existing > 0, "the network was there"
    assert _deployment(metadata).retries >= 1, "it got so far after it was throttled"
    environment = await lab.client.get("cancelled")
    assert state_of(environment) == "CANCELLED"
    assert await lab.leases(environment.uid) == []

    retried = await lab.client.wait((await lab.client.retry("cancelled")).name, 300)

    assert retried.WhichOneof("result") == "response", retried.error
    assert await truth.built(lab, customer, environment.uid, grown=False) == []
