"""A document that does not fit the account, one that is changed, and credentials made anew."""

from __future__ import annotations

import pytest
from provisioning.environment.v1.environment_service_pb2 import CREDENTIAL_WORKSPACE_STORAGE_KEY
from provisioning.environment.v1.planned_change_pb2 import IMPACT_DISRUPTIVE, IMPACT_IN_PLACE

from libs.embedded.platform import Platform
from tests.e2e.client import Client, Operation, failure_of, metadata_of, state_of
from tests.e2e.customer import Customer, ask

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
]
_STANDARD_VCPUS = "L-1216C47A"


async def succeeds(client: Client, operation: Operation) -> Operation:
    ended = await client.wait(operation.name)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    return ended


async def test_a_document_that_does_not_fit_stops_before_anything_is_there_and_a_changed_one_goes_on(
    small: Platform, client: Client, customer: Customer
) -> None:
    large = customer.spec()
    large["cluster"] = {"profile": "PROFILE_LARGE"}
    ended = await client.wait((await client.create("fitting", large)).name)
    failure = failure_of(ended)
    assert (failure.reason, failure.stage) == ("PREFLIGHT_FAILED", "preflight")
    found = {one.reason: one for one in failure.violations}
    assert "VCPU_QUOTA_TOO_LOW" in found and found["VCPU_QUOTA_TOO_LOW"].field.startswith("environment.spec.cluster")
    assert await customer.inventory() == {}

    quota = {"service": "ec2", "code": _STANDARD_VCPUS, "value": 64}
    await ask(customer.sandbox, "POST", f"accounts/{customer.account_id}/quotas", quota)
    medium = customer.spec()
    medium["cluster"] = {"profile": "PROFILE_MEDIUM"}
    await succeeds(client, await client.update("fitting", medium))
    built = await client.get("fitting")
    assert (state_of(built), built.observed_generation) == ("ACTIVE", 2)

    await rotated(client, customer)
    await changed(client, customer)
    await succeeds(client, await client.delete("fitting"))
    assert set(await customer.inventory()) <= {"s3:bucket"}


async def rotated(client: Client, customer: Customer) -> None:
    """The key with which Beta9 makes its workspaces' buckets is another one; the one before goes with the next."""
    iam = await customer.client("iam")
    user = (await client.get("fitting")).outputs.workspace_storage_user

    def keys() -> list[str]:
        return [one["AccessKeyId"] for one in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]]

    before = keys()
    await succeeds(client, await client.rotate("fitting", CREDENTIAL_WORKSPACE_STORAGE_KEY))
    assert len(keys()) == 2 and set(keys()) > set(before)
    assert (await client.get("fitting")).credential_versions.workspace_storage_key == 2


async def changed(client: Client, customer: Customer) -> None:
    """More labels in place, other machines disruptive: both as the plan weighs them, and both come to be.

    The new group stands beside the old one until the pods have moved.
    """
    eks = await customer.client("eks")
    before = await client.get("fitting")
    spec = customer.spec()
    spec["cluster"] = {
        "profile": "PROFILE_MEDIUM",
        "nodeLabels": {"team": "ml"},
        "systemNodes": {"diskGb": 120, "maxSize": 7, "instanceTypes": ["m5.xlarge"]},
    }
    operation = await succeeds(client, await client.update("fitting", spec))
    metadata = metadata_of(operation)
    fields = {one.path: one.impact for one in metadata.field_changes}
    assert fields["spec.cluster.node_labels"] == IMPACT_IN_PLACE
    assert fields["spec.cluster.system_nodes.instance_types"] == IMPACT_DISRUPTIVE
    planned = {one.address: one for one in metadata.planned_changes}
    assert planned["aws_eks_node_group.system_nodes"].impact == IMPACT_DISRUPTIVE, planned
    after = await client.get("fitting")
    assert (after.uid, after.outputs.cluster_name) == (before.uid, before.outputs.cluster_name)
    assert after.observed_generation == after.generation == 3
    cluster = after.outputs.cluster_name
    (name,) = eks.list_nodegroups(clusterName=cluster)["nodegroups"]
    group = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
    assert group["labels"]["team"] == "ml" and group["scalingConfig"]["maxSize"] == 7
    assert group["instanceTypes"] == ["m5.xlarge"] and int(group["launchTemplate"]["version"]) > 1
