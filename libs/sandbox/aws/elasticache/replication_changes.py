"""Changes of a replication group, applied at once."""

from __future__ import annotations

from moto.core.utils import utcnow

from libs.sandbox.aws.ec2 import interfaces
from libs.sandbox.aws.elasticache import engines, fit, members, parameter_groups
from libs.sandbox.aws.elasticache.models import ReplicationGroup, View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation
from libs.sandbox.aws.failures import AwsFailure


def modify(request: CacheRequest) -> View:
    """ModifyReplicationGroup, applied at once."""
    backend = request.backend
    group = backend.replication_group(request.get("ReplicationGroupId"))
    if group.view["Status"] != "available":
        raise AwsFailure("InvalidReplicationGroupState", "Replication group must be in available state to modify.")
    if token := request.get("AuthToken"):
        _set_token(group, token, request.get("AuthTokenUpdateStrategy", "ROTATE"))
    _modify_engine(request, group)
    plain = {
        "ReplicationGroupDescription": "Description",
        "CacheNodeType": "CacheNodeType",
        "SnapshotRetentionLimit": "SnapshotRetentionLimit",
        "SnapshotWindow": "SnapshotWindow",
        "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
        "IpDiscovery": "IpDiscovery",
        "NetworkType": "NetworkType",
        "TransitEncryptionEnabled": "TransitEncryptionEnabled",
        "TransitEncryptionMode": "TransitEncryptionMode",
        "ClusterMode": "ClusterMode",
    }
    for given, shown in plain.items():
        if (value := request.get(given)) is not None:
            group.view[shown] = value
    for given, shown in {"AutomaticFailoverEnabled": "AutomaticFailover", "MultiAZEnabled": "MultiAZ"}.items():
        if (value := request.get(given)) is not None:
            group.view[shown] = "enabled" if value else "disabled"
    if window := request.get("PreferredMaintenanceWindow"):
        group.member_fields["PreferredMaintenanceWindow"] = window.lower()
    if ids := request.get("SecurityGroupIds"):
        group.security_group_ids = list(ids)
        owner = f"elasticache/{group.view['ReplicationGroupId']}"
        interfaces.regroup(backend.account_id, backend.region_name, owner, ids)
    users = set(group.view["UserGroupIds"]) | set(request.get("UserGroupIdsToAdd", []))
    group.view["UserGroupIds"] = sorted(users - set(request.get("UserGroupIdsToRemove", [])))
    members.refresh(backend, group)
    return {"ReplicationGroup": group.view}


def _modify_engine(request: CacheRequest, group: ReplicationGroup) -> None:
    if engine := request.get("Engine"):
        group.engine = group.view["Engine"] = engine
    if version := request.get("EngineVersion"):
        group.engine_version = engines.resolve(group.engine, version)
    if parameters := request.get("CacheParameterGroupName"):
        fit.check_family(request.backend, parameters, group.engine, group.engine_version)
        group.parameter_group = parameters
    elif request.get("EngineVersion") and group.parameter_group.startswith("default."):
        clustered = group.view["ClusterEnabled"]
        group.parameter_group = parameter_groups.default_name(group.engine, group.engine_version, clustered)


def _set_token(group: ReplicationGroup, token: str, strategy: str) -> None:
    """ROTATE lets the new token in beside the old one, SET leaves the new one alone, DELETE leaves none."""
    fit.check_token(token)
    if strategy == "DELETE":
        group.auth_tokens = []
    elif strategy == "SET":
        group.auth_tokens = [token]
    else:
        group.auth_tokens = [*group.auth_tokens[-1:], token]
    group.view["AuthTokenEnabled"] = bool(group.auth_tokens)
    group.view["AuthTokenLastModifiedDate"] = utcnow()


def change_replicas(request: CacheRequest) -> View:
    """IncreaseReplicaCount and DecreaseReplicaCount."""
    backend = request.backend
    group = backend.replication_group(request.get("ReplicationGroupId"))
    shards = len(group.view["NodeGroups"])
    members.fill(backend, group, shards, int(request.get("NewReplicaCount")) + 1)
    members.set_status(backend, group, "available")
    return {"ReplicationGroup": group.view}


OPERATIONS: dict[str, Operation] = {
    "ModifyReplicationGroup": modify,
    "IncreaseReplicaCount": change_replicas,
    "DecreaseReplicaCount": change_replicas,
}
