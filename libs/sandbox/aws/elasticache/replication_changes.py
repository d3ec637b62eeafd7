"""Changes of a replication group: made at once, and `modifying` while AWS would be at it."""

from __future__ import annotations

from moto.core.utils import utcnow

from libs.sandbox.aws import runtime
from libs.sandbox.aws.ec2 import interfaces
from libs.sandbox.aws.elasticache import engines, fit, members, parameter_groups
from libs.sandbox.aws.elasticache.failures import combination, invalid
from libs.sandbox.aws.elasticache.models import ReplicationGroup, View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation
from libs.sandbox.aws.failures import AwsFailure


def modify(request: CacheRequest) -> View:
    """ModifyReplicationGroup: refused as a whole, or made as a whole."""
    backend = request.backend
    group = backend.replication_group(request.get("ReplicationGroupId"))
    _check_available(group)
    if node_type := request.get("CacheNodeType"):
        fit.check_node_type(node_type)
    if request.get("AutomaticFailoverEnabled") and _members_per_shard(group) < 2:
        raise invalid("Automatic failover needs at least one replica in each node group.")
    _check_token(request, group)
    _modify_engine(request, group)
    _set_token(request, group)
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
    _modifying(request, group)
    return {"ReplicationGroup": group.view}


def _check_available(group: ReplicationGroup) -> None:
    if group.view["Status"] != "available":
        raise AwsFailure("InvalidReplicationGroupState", "Replication group must be in available state to modify.")


def _modifying(request: CacheRequest, group: ReplicationGroup) -> None:
    running = runtime.current()
    if not running.wait_seconds("elasticache:replication-group-update"):
        return
    members.set_status(request.backend, group, "modifying")
    running.later(
        "elasticache:replication-group-update",
        str(group.view["ReplicationGroupId"]),
        lambda: members.set_status(request.backend, group, "available"),
    )


def _members_per_shard(group: ReplicationGroup) -> int:
    return len(group.view["MemberClusters"]) // len(group.view["NodeGroups"])


def _modify_engine(request: CacheRequest, group: ReplicationGroup) -> None:
    engine, version = request.get("Engine", group.engine), group.engine_version
    if engine != group.engine and not request.get("EngineVersion"):
        raise invalid("An engine upgrade needs an EngineVersion.")
    if wanted := request.get("EngineVersion"):
        version = engines.resolve(engine, wanted)
    engines.check_upgrade(group.engine, group.engine_version, engine, version)
    parameters = request.get("CacheParameterGroupName")
    other_family = engines.family(engine, version) != engines.family(group.engine, group.engine_version)
    if parameters is None and other_family and group.parameter_group.startswith("default."):
        parameters = parameter_groups.default_name(engine, version, group.view["ClusterEnabled"])
    fit.check_family(request.backend, parameters or group.parameter_group, engine, version)
    group.engine = group.view["Engine"] = engine
    group.engine_version, group.parameter_group = version, parameters or group.parameter_group


def _check_token(request: CacheRequest, group: ReplicationGroup) -> None:
    token, strategy = request.get("AuthToken"), request.get("AuthTokenUpdateStrategy")
    if token is None and strategy is None:
        return
    if strategy not in (None, "ROTATE", "SET", "DELETE"):
        raise invalid(f"Invalid AuthTokenUpdateStrategy {strategy}; it must be one of SET, ROTATE, DELETE.")
    if not group.view["TransitEncryptionEnabled"]:
        raise invalid("The AUTH token modification is only supported when encryption-in-transit is enabled.")
    if strategy == "DELETE":
        if not (request.get("UserGroupIdsToAdd") or group.view["UserGroupIds"]):
            raise combination("The AUTH token can only be deleted when access is moved to a user group.")
        return
    if token is None:
        raise combination("AuthTokenUpdateStrategy must be given together with AuthToken.")
    fit.check_token(token)


def _set_token(request: CacheRequest, group: ReplicationGroup) -> None:
    """ROTATE lets the new token in beside the newest one (or beside clients without any), SET leaves the new one
    alone, DELETE leaves none."""
    token, strategy = request.get("AuthToken"), request.get("AuthTokenUpdateStrategy", "ROTATE")
    if token is None and strategy != "DELETE":
        return
    if strategy == "DELETE":
        group.auth_tokens, group.open_to_all = [], False
    elif strategy == "SET":
        group.auth_tokens, group.open_to_all = [token], False
    else:
        group.open_to_all = not group.auth_tokens
        group.auth_tokens = [*(known for known in group.auth_tokens[-1:] if known != token), token]
    group.view["AuthTokenEnabled"] = bool(group.auth_tokens)
    group.view["AuthTokenLastModifiedDate"] = utcnow()


def increase_replicas(request: CacheRequest) -> View:
    """IncreaseReplicaCount."""
    return _change_replicas(request, grows=True)


def decrease_replicas(request: CacheRequest) -> View:
    """DecreaseReplicaCount."""
    return _change_replicas(request, grows=False)


def _change_replicas(request: CacheRequest, *, grows: bool) -> View:
    backend = request.backend
    group = backend.replication_group(request.get("ReplicationGroupId"))
    _check_available(group)
    wanted, present = int(request.get("NewReplicaCount")), _members_per_shard(group) - 1
    if wanted == present or (wanted > present) != grows:
        word = "greater" if grows else "less"
        raise invalid(f"NewReplicaCount must be {word} than the present number of replicas, {present}.")
    if wanted > 5:
        raise invalid("A node group has at most 5 replicas.")
    if wanted == 0 and "enabled" in (group.view["AutomaticFailover"], group.view["MultiAZ"]):
        raise invalid("Must have at least 1 replica per node group while automatic failover or Multi-AZ is enabled.")
    members.fill(backend, group, len(group.view["NodeGroups"]), wanted + 1)
    members.set_status(backend, group, "available")
    _modifying(request, group)
    return {"ReplicationGroup": group.view}


OPERATIONS: dict[str, Operation] = {
    "ModifyReplicationGroup": modify,
    "IncreaseReplicaCount": increase_replicas,
    "DecreaseReplicaCount": decrease_replicas,
}
