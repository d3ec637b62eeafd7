"""Updates of the real stack, walked on the environment that `test_there_and_back.py` creates and deletes.

Four documents, two applies: one that does not fit the account, whose place the first that is built takes; all that
changes in place or node by node; one that fits no longer, since the customer has upgraded the cache by hand, so that
the plan would make another in its place; and one that says what there is. Then credentials that are made anew.
"""

from __future__ import annotations

import asyncio
import json
from copy import deepcopy
from itertools import pairwise
from typing import Any

import grpc.aio
from provisioning.environment.v1.environment_pb2 import Environment
from provisioning.environment.v1.environment_service_pb2 import CREDENTIAL_WORKSPACE_STORAGE_KEY
from provisioning.environment.v1.operation_pb2 import OperationMetadata
from provisioning.environment.v1.planned_change_pb2 import IMPACT_DISRUPTIVE, IMPACT_IN_PLACE
from provisioning.infra.v1 import infra_service_pb2 as messages
from provisioning.infra.v1.deployment_pb2 import (
    INTENT_CREATE,
    INTENT_DELETE,
    INTENT_UPDATE,
    RESOURCE_CHANGE_STATE_RECONCILED,
    ResourceChange,
    Revision,
)
from provisioning.infra.v1.infra_service_pb2_grpc import InfraServiceStub

from libs.embedded.platform import Platform
from tests.e2e.client import Client, failure_of, metadata_of, state_of
from tests.e2e.customer import Customer

CALLED = {"ec2:ReplaceRoute", "eks:UpdateClusterVersion", "rds:ModifyDBInstance", "iam:PutRolePermissionsBoundary"}
"""What the role is asked for by updates alone."""
TOLD = ("updating", "activated", "updating", "failed", "updating", "activated", "updating", "activated")
"""The environment's events meanwhile, but for its progress."""
_BOUNDARY = "Boundary"
_ALLOWS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_CACHE = "aws_elasticache_replication_group.cache"
Spec = dict[str, Any]


def created(spec: Spec) -> Spec:
    """The document before: a group of nodes that is to go and one that is to move, and a cache that can be upgraded."""
    return {
        **spec,
        "cluster": {"nodeGroups": [{"name": "gone", "minSize": 0, "maxSize": 1}, _moved("m5.large")]},
        "data": {"redis": {"engine": "CACHE_ENGINE_REDIS", "version": "7.0"}},
    }


def _moved(instance_type: str) -> Spec:
    return {"name": "moved", "instanceTypes": [instance_type], "minSize": 0, "maxSize": 1}


def changed(spec: Spec, boundary: str) -> Spec:
    """Whatever can change in place, and groups that come and go."""
    wished = deepcopy(spec)
    wished["cloud"] |= {"tags": {"CostCenter": "42"}, "permissionsBoundaryArn": boundary}
    wished["network"] = {"nat": "NAT_MODE_PER_ZONE", "flowLogs": False, "logRetentionDays": 90}
    wished["cluster"] = {
        "version": "1.36",
        "publicAccessCidrs": ["0.0.0.0/1", "128.0.0.0/1"],
        "nodeLabels": {"team": "ml"},
        "systemNodes": {"maxSize": 4, "diskGb": 120},
        "nodeGroups": [
            _moved("m5.xlarge"),
            {
                "name": "spot",
                "instanceTypes": ["m5.large"],
                "capacityType": "CAPACITY_TYPE_SPOT",
                "minSize": 0,
                "maxSize": 1,
            },
        ],
    }
    wished["data"]["postgres"] = {"storageGb": 200, "backupRetentionDays": 14}
    wished["data"]["redis"] |= {"size": "SIZE_MEDIUM", "numReplicas": 2, "snapshotRetentionDays": 3}
    wished["data"]["objectStore"] = {"lifecycleDays": 30, "versioning": False}
    return wished


async def refused(client: Client, customer: Customer, name: str, spec: Spec) -> None:
    """A document that the account has no room for: it is told what is missing, and nothing is there."""
    large = {**spec, "cluster": {"profile": "PROFILE_LARGE"}}
    failure = failure_of(await client.wait((await client.create(name, large)).name))
    assert (failure.reason, failure.stage) == ("PREFLIGHT_FAILED", "preflight")
    found = {one.reason: one for one in failure.violations}
    assert "VCPU_QUOTA_TOO_LOW" in found and found["VCPU_QUOTA_TOO_LOW"].field.startswith("environment.spec.cluster")
    assert await customer.inventory() == {}


async def walked(client: Client, platform: Platform, customer: Customer, name: str, spec: Spec) -> None:
    """Update an environment of `created` there and on; each time what it means is told, and nothing is made anew."""
    before = await client.get(name)
    iam = await customer.client("iam")
    policy = await asyncio.to_thread(iam.create_policy, PolicyName=_BOUNDARY, PolicyDocument=json.dumps(_ALLOWS))
    wished = changed(spec, policy["Policy"]["Arn"])
    metadata = await _succeeds(client, name, wished)
    _is_weighed(metadata)
    revision, changes = await _newest(platform, before.uid)
    assert (revision.resources_done, revision.resources_planned) == (len(changes), len(changes))
    _is_in_order(changes)
    await _is_there(customer, before, await client.get(name))

    cache = await customer.client("elasticache")
    (group,) = cache.describe_replication_groups()["ReplicationGroups"]
    by_hand = {"ReplicationGroupId": group["ReplicationGroupId"], "EngineVersion": "7.1", "ApplyImmediately": True}
    await asyncio.to_thread(cache.modify_replication_group, **by_hand)
    refused = await client.wait((await client.update(name, wished)).name, 120)
    failure = failure_of(refused)
    assert (failure.reason, failure.resource_address) == ("DATA_LOSS_NOT_ALLOWED", _CACHE)
    assert cache.describe_replication_groups()["ReplicationGroups"][0]["ARN"] == group["ARN"]

    wished["data"]["redis"]["version"] = "7.1"
    metadata = await _succeeds(client, name, wished)
    revision, changes = await _newest(platform, before.uid)
    assert (revision.resources_planned, list(changes), list(metadata.planned_changes)) == (0, [], [])
    await _rotated(client, customer, name)


async def _rotated(client: Client, customer: Customer, name: str) -> None:
    """The key with which Beta9 makes its workspaces' buckets is another one; the one before goes with the next."""
    iam = await customer.client("iam")
    user = (await client.get(name)).outputs.workspace_storage_user

    def keys() -> set[str]:
        return {one["AccessKeyId"] for one in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}

    before = keys()
    ended = await client.wait((await client.rotate(name, CREDENTIAL_WORKSPACE_STORAGE_KEY)).name, 300)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    assert len(keys()) == len(before) + 1 and keys() > before
    assert (await client.get(name)).credential_versions.workspace_storage_key == 2


async def taken_back(customer: Customer) -> None:
    """Remove what the customer made for the updates, once nothing needs it."""
    iam = await customer.client("iam")
    arn = f"arn:aws:iam::{customer.account_id}:policy/{_BOUNDARY}"
    await asyncio.to_thread(iam.delete_policy, PolicyArn=arn)


async def _succeeds(client: Client, name: str, spec: Spec) -> OperationMetadata:
    ended = await client.wait((await client.update(name, spec)).name, 300)
    assert ended.WhichOneof("result") == "response", failure_of(ended)
    environment = await client.get(name)
    assert state_of(environment) == "ACTIVE" and environment.observed_generation == environment.generation
    return metadata_of(ended)


def _is_weighed(metadata: OperationMetadata) -> None:
    """By the document before anything is planned, and by the plan."""
    fields = {one.path: one.impact for one in metadata.field_changes}
    disruptive = ("cluster.version", "cluster.node_groups[moved].instance_types", "data.redis.size")
    assert {fields[f"spec.{path}"] for path in disruptive} == {IMPACT_DISRUPTIVE}
    in_place = ("cloud.tags", "cluster.node_labels", "data.postgres.storage_gb", "data.object_store.versioning")
    assert {fields[f"spec.{path}"] for path in in_place} == {IMPACT_IN_PLACE}
    planned = {one.address: one for one in metadata.planned_changes}
    for address, paths in _RESTARTED.items():
        assert (planned[address].action, planned[address].impact) == ("update", IMPACT_DISRUPTIVE), planned[address]
        assert paths <= set(planned[address].paths)
    database = planned["aws_db_instance.database"]
    assert (database.action, database.impact) == ("update", IMPACT_IN_PLACE)
    assert {"allocated_storage", "backup_retention_period"} <= set(database.paths)
    gone = planned["aws_eks_node_group.nodes_gone"]
    assert (gone.action, gone.impact) == ("delete", IMPACT_DISRUPTIVE)
    moved = planned["aws_eks_node_group.nodes_moved"]
    assert (moved.action, moved.impact) == ("replace", IMPACT_DISRUPTIVE)


_CLUSTER = "aws_eks_cluster.cluster"
_BEFORE_NODES = {"aws_eks_addon.vpc_cni", "aws_eks_addon.kube_proxy"}
_NODES = "aws_eks_node_group.system_nodes"
_AFTER_NODES = "aws_eks_addon.coredns"
_RESTARTED = {
    _CLUSTER: {"version", "vpc_config"},
    **{addon: {"addon_version"} for addon in (*_BEFORE_NODES, _AFTER_NODES)},
    _NODES: {"version", "labels", "scaling_config"},
    _CACHE: {"node_type", "num_cache_clusters"},
}


def _is_in_order(changes: dict[str, ResourceChange]) -> None:
    """The control plane, the add-ons that nodes need, the nodes, and the add-ons that need nodes."""
    assert {one.state for one in changes.values()} == {RESOURCE_CHANGE_STATE_RECONCILED}
    waves = [{_CLUSTER}, _BEFORE_NODES, {_NODES}, {_AFTER_NODES}]
    for first, then in pairwise(waves):
        ended = max(changes[address].end_time.ToNanoseconds() for address in first)
        assert ended <= min(changes[address].start_time.ToNanoseconds() for address in then), (first, then)
    for address in {address for wave in waves for address in wave}:
        assert changes[address].intent == INTENT_UPDATE
    assert changes["aws_eks_node_group.nodes_gone"].intent == INTENT_DELETE
    assert changes["aws_eks_node_group.nodes_spot"].intent == INTENT_CREATE


async def _is_there(customer: Customer, before: Environment, after: Environment) -> None:
    """What the account holds is what was wished, by the ids that it had."""
    assert after.outputs.cluster_version == "1.36"
    for output in ("vpc_id", "cluster_name", "cluster_endpoint", "rds_endpoint", "redis_endpoint", "bucket_name"):
        assert getattr(after.outputs, output) == getattr(before.outputs, output), output
    cluster = after.outputs.cluster_name
    eks, rds, s3 = [await customer.client(name) for name in ("eks", "rds", "s3")]
    found = eks.describe_cluster(name=cluster)["cluster"]
    assert (found["version"], found["tags"]["CostCenter"]) == ("1.36", "42")
    groups = [
        eks.describe_nodegroup(clusterName=cluster, nodegroupName=one)["nodegroup"]
        for one in eks.list_nodegroups(clusterName=cluster)["nodegroups"]
    ]
    assert {one["version"] for one in groups} == {"1.36"}
    bought = {(one["capacityType"], one["scalingConfig"]["maxSize"]) for one in groups}
    assert bought == {("ON_DEMAND", 4), ("ON_DEMAND", 1), ("SPOT", 1)}
    assert [one["instanceTypes"] for one in groups if "m5.xlarge" in one["instanceTypes"]] == [["m5.xlarge"]]
    (database,) = rds.describe_db_instances()["DBInstances"]
    assert (database["AllocatedStorage"], database["BackupRetentionPeriod"]) == (200, 14)
    assert s3.get_bucket_versioning(Bucket=after.outputs.bucket_name)["Status"] == "Suspended"


async def _newest(platform: Platform, uid: str) -> tuple[Revision, dict[str, ResourceChange]]:
    """The newest revision and what it does to each resource, by address."""
    async with grpc.aio.insecure_channel(platform.endpoints.infra_engine) as channel:
        infra = InfraServiceStub(channel)
        name = f"workspaces/default/deployments/{uid}"
        deployment = await infra.GetDeployment(messages.GetDeploymentRequest(name=name), timeout=30)
        revision = await infra.GetRevision(messages.GetRevisionRequest(name=deployment.latest_revision), timeout=30)
        request = messages.ListResourceChangesRequest(parent=revision.name, page_size=500)
        answer = await infra.ListResourceChanges(request, timeout=30)
    return revision, {one.address: one for one in answer.resource_changes}
