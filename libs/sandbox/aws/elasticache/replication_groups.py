"""Replication groups, whose members are cache clusters."""

from __future__ import annotations

import secrets

from moto.core.utils import utcnow

from libs.sandbox.aws import runtime
from libs.sandbox.aws.ec2 import interfaces
from libs.sandbox.aws.elasticache import engines, fit, members, parameter_groups, subnet_groups
from libs.sandbox.aws.elasticache.failures import combination, exists, invalid
from libs.sandbox.aws.elasticache.models import ReplicationGroup, View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation
from libs.sandbox.aws.failures import AwsFailure

_KIND = "ReplicationGroup"


def create(request: CacheRequest) -> View:
    """CreateReplicationGroup: `creating` until AWS' wait is over."""
    backend, name = request.backend, request.get("ReplicationGroupId").lower()
    if name in backend.replication_groups:
        raise exists(_KIND, name)
    engine = request.get("Engine", "redis")
    version = engines.resolve(engine, request.get("EngineVersion"))
    shards = int(request.get("NumNodeGroups", 0) or 0)
    clustered = shards > 1 or request.get("ClusterMode") == "enabled"
    parameters = request.get("CacheParameterGroupName") or parameter_groups.default_name(engine, version, clustered)
    fit.check_family(backend, parameters, engine, version)
    clustered = clustered or parameters.endswith(".cluster.on")
    subnets = request.get("CacheSubnetGroupName", "default")
    token = request.get("AuthToken")
    encrypted = bool(request.get("TransitEncryptionEnabled", engine == "valkey"))
    if token:
        fit.check_token(token)
        if not encrypted:
            raise combination("An AuthToken requires in-transit encryption to be enabled.")
    fit.check_node_type(request.get("CacheNodeType", "cache.t4g.small"))
    failover = bool(request.get("AutomaticFailoverEnabled"))
    per_shard = _members_per_shard(request, clustered)
    if failover and per_shard < 2:
        raise invalid("Automatic failover needs at least one replica in each node group.")
    if request.get("MultiAZEnabled") and not failover:
        raise combination("Multi-AZ needs automatic failover to be enabled.")
    group = ReplicationGroup(
        view=_view(request, name, engine, encrypted, clustered, failover, bool(token)),
        subnet_group=subnets,
        parameter_group=parameters,
        security_group_ids=list(request.get("SecurityGroupIds", [])),
        engine=engine,
        engine_version=version,
        member_fields=_member_fields(request),
        auth_tokens=[token] if token else [],
        open_to_all=not token,
    )
    backend.replication_groups[name] = group
    backend.tags[group.view["ARN"]] = request.tags()
    members.fill(backend, group, max(shards, 1), per_shard)
    placed = subnet_groups.find(backend, subnets)
    interfaces.attach(
        backend.account_id,
        backend.region_name,
        f"elasticache/{name}",
        f"ElastiCache {name}",
        subnet_groups.subnet_ids(placed)[:per_shard],
        group.security_group_ids,
    )
    runtime.current().later(
        "elasticache:replication-group", name, lambda: members.set_status(backend, group, "available")
    )
    return {"ReplicationGroup": group.view | {"Status": "creating"}}


def _members_per_shard(request: CacheRequest, clustered: bool) -> int:
    replicas = request.get("ReplicasPerNodeGroup")
    if clustered or replicas is not None:
        return int(replicas or 0) + 1
    return int(request.get("NumCacheClusters", 1) or 1)


def _view(
    request: CacheRequest, name: str, engine: str, encrypted: bool, clustered: bool, failover: bool, token: bool
) -> View:
    backend = request.backend
    view: View = {
        "ReplicationGroupId": name,
        "Description": request.get("ReplicationGroupDescription", ""),
        "GlobalReplicationGroupInfo": {},
        "Status": "creating",
        "PendingModifiedValues": {},
        "MemberClusters": [],
        "NodeGroups": [],
        "AutomaticFailover": "enabled" if failover else "disabled",
        "MultiAZ": "enabled" if request.get("MultiAZEnabled") else "disabled",
        "SnapshotRetentionLimit": int(request.get("SnapshotRetentionLimit", 0)),
        "SnapshotWindow": request.get("SnapshotWindow", "05:00-06:00"),
        "ClusterEnabled": clustered,
        "ClusterMode": "enabled" if clustered else request.get("ClusterMode", "disabled"),
        "CacheNodeType": request.get("CacheNodeType", "cache.t4g.small"),
        "AuthTokenEnabled": token,
        "TransitEncryptionEnabled": encrypted,
        "AtRestEncryptionEnabled": bool(request.get("AtRestEncryptionEnabled", engine == "valkey")),
        "ARN": backend.arn("replicationgroup", name),
        "UserGroupIds": list(request.get("UserGroupIds", [])),
        "LogDeliveryConfigurations": [],
        "ReplicationGroupCreateTime": utcnow(),
        "DataTiering": "enabled" if request.get("DataTieringEnabled") else "disabled",
        "AutoMinorVersionUpgrade": bool(request.get("AutoMinorVersionUpgrade", True)),
        "NetworkType": request.get("NetworkType", "ipv4"),
        "IpDiscovery": request.get("IpDiscovery", "ipv4"),
        "Engine": engine,
    }
    if encrypted:
        view["TransitEncryptionMode"] = request.get("TransitEncryptionMode", "required")
    if token:
        view["AuthTokenLastModifiedDate"] = utcnow()
    if key := request.get("KmsKeyId"):
        if not view["AtRestEncryptionEnabled"]:
            raise combination("A KMS key requires at-rest encryption to be enabled.")
        view["KmsKeyId"] = fit.key_arn(backend, key)
    view["_Port"] = int(request.get("Port", 6379))
    view["_Domain"] = f"{name}.{secrets.token_hex(3)}.{_short(backend.region_name)}.cache.amazonaws.com"
    return view


def _short(region: str) -> str:
    area, side, number = region.split("-")[0], region.split("-")[1], region.split("-")[-1]
    return f"{area}{side[0]}{number}"


def _member_fields(request: CacheRequest) -> View:
    fields: View = {
        "PreferredMaintenanceWindow": request.get("PreferredMaintenanceWindow", "sun:07:00-sun:08:00").lower()
    }
    if topic := request.get("NotificationTopicArn"):
        fields["NotificationConfiguration"] = {"TopicArn": topic, "TopicStatus": "active"}
    return fields


def describe(request: CacheRequest) -> View:
    """DescribeReplicationGroups."""
    if name := request.get("ReplicationGroupId"):
        return {"ReplicationGroups": [request.backend.replication_group(name).view]}
    groups = [group.view for _, group in sorted(request.backend.replication_groups.items())]
    return request.page("ReplicationGroups", groups)


def delete(request: CacheRequest) -> View:
    """DeleteReplicationGroup with its members; a final snapshot is kept under the name given."""
    backend, running = request.backend, runtime.current()
    group = backend.replication_group(request.get("ReplicationGroupId"))
    name = group.view["ReplicationGroupId"]
    if group.view["Status"] == "deleting":
        raise AwsFailure("InvalidReplicationGroupState", f"Replication group {name} is being deleted.")
    if snapshot := request.get("FinalSnapshotIdentifier"):
        if snapshot in backend.snapshots:
            raise AwsFailure("SnapshotAlreadyExistsFault", f"A snapshot named {snapshot} already exists.")
        arn = backend.arn("snapshot", snapshot)
        backend.tags[arn] = {}
        backend.snapshots[snapshot] = {
            "SnapshotName": snapshot,
            "ReplicationGroupId": name,
            "SnapshotStatus": "available",
            "SnapshotSource": "manual",
            "Engine": group.engine,
            "EngineVersion": group.engine_version,
            "ARN": arn,
        }
    members.set_status(backend, group, "deleting")

    def remove() -> None:
        members.clear(backend, group)
        backend.replication_groups.pop(name, None)
        backend.tags.pop(group.view["ARN"], None)
        interfaces.detach(backend.account_id, backend.region_name, f"elasticache/{name}")

    running.later("elasticache:replication-group-delete", name, remove)
    return {"ReplicationGroup": group.view}


OPERATIONS: dict[str, Operation] = {
    "CreateReplicationGroup": create,
    "DescribeReplicationGroups": describe,
    "DeleteReplicationGroup": delete,
}
