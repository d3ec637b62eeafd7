"""The cache clusters that make up a replication group, and single cache clusters as they are described."""

from __future__ import annotations

from moto.core.utils import utcnow

from libs.sandbox.aws.elasticache import subnet_groups
from libs.sandbox.aws.elasticache.failures import not_found
from libs.sandbox.aws.elasticache.models import ElastiCacheBackend, ReplicationGroup, View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation


def fill(backend: ElastiCacheBackend, group: ReplicationGroup, shards: int, per_shard: int) -> None:
    """Make the group's node groups and members anew, with the same names for the same places."""
    clear(backend, group)
    view, name = group.view, group.view["ReplicationGroupId"]
    port, domain, clustered = view["_Port"], view["_Domain"], view["ClusterEnabled"]
    zones = subnet_groups.zones(subnet_groups.find(backend, group.subnet_group))
    view["NodeGroups"], view["MemberClusters"] = [], []
    if clustered:
        view["ConfigurationEndpoint"] = {"Address": f"clustercfg.{domain}", "Port": port}
    for shard in range(1, shards + 1):
        node_group: View = {"NodeGroupId": f"{shard:04d}", "Status": view["Status"], "NodeGroupMembers": []}
        if clustered:
            width = 16384 // shards
            end = 16383 if shard == shards else shard * width - 1
            node_group["Slots"] = f"{(shard - 1) * width}-{end}"
        else:
            node_group["PrimaryEndpoint"] = {"Address": f"master.{domain}", "Port": port}
            node_group["ReaderEndpoint"] = {"Address": f"replica.{domain}", "Port": port}
        for place in range(1, per_shard + 1):
            member = f"{name}-{shard:04d}-{place:03d}" if clustered else f"{name}-{place:03d}"
            endpoint = {"Address": f"{member}.{domain}", "Port": port}
            zone = zones[(place - 1) % len(zones)]
            node: View = {"CacheClusterId": member, "CacheNodeId": "0001", "PreferredAvailabilityZone": zone}
            if not clustered:
                node |= {"ReadEndpoint": endpoint, "CurrentRole": "primary" if place == 1 else "replica"}
            node_group["NodeGroupMembers"].append(node)
            view["MemberClusters"].append(member)
            _add(backend, group, member, zone, endpoint)
        view["NodeGroups"].append(node_group)
    if not clustered and view["AutomaticFailover"] == "disabled" and per_shard == 1:
        view["SnapshottingClusterId"] = view["MemberClusters"][0]
    elif view["SnapshotRetentionLimit"] and not clustered:
        view["SnapshottingClusterId"] = view["MemberClusters"][-1]


def _add(backend: ElastiCacheBackend, group: ReplicationGroup, member: str, zone: str, endpoint: View) -> None:
    arn = backend.arn("cluster", member)
    backend.tags[arn] = dict(backend.tags[group.view["ARN"]])
    backend.cache_clusters[member] = {
        "CacheClusterId": member,
        "ReplicationGroupId": group.view["ReplicationGroupId"],
        "CacheClusterStatus": group.view["Status"],
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": zone,
        "CacheClusterCreateTime": utcnow(),
        "PendingModifiedValues": {},
        "CacheSecurityGroups": [],
        "ReplicationGroupLogDeliveryEnabled": False,
        "ARN": arn,
        "CacheNodes": [
            {
                "CacheNodeId": "0001",
                "CacheNodeStatus": group.view["Status"],
                "CacheNodeCreateTime": utcnow(),
                "Endpoint": endpoint,
                "ParameterGroupStatus": "in-sync",
                "CustomerAvailabilityZone": zone,
            }
        ],
    }
    _describe(backend.cache_clusters[member], group)


def _describe(view: View, group: ReplicationGroup) -> None:
    """Write into a member what its group decides."""
    whole = group.view
    view.update(
        {
            "CacheNodeType": whole["CacheNodeType"],
            "Engine": group.engine,
            "EngineVersion": group.engine_version,
            "CacheParameterGroup": {
                "CacheParameterGroupName": group.parameter_group,
                "ParameterApplyStatus": "in-sync",
                "CacheNodeIdsToReboot": [],
            },
            "CacheSubnetGroupName": group.subnet_group,
            "SecurityGroups": [{"SecurityGroupId": key, "Status": "active"} for key in group.security_group_ids],
            "SnapshotRetentionLimit": whole["SnapshotRetentionLimit"],
            "SnapshotWindow": whole["SnapshotWindow"],
            "AutoMinorVersionUpgrade": whole["AutoMinorVersionUpgrade"],
            "AuthTokenEnabled": whole["AuthTokenEnabled"],
            "TransitEncryptionEnabled": whole["TransitEncryptionEnabled"],
            "AtRestEncryptionEnabled": whole["AtRestEncryptionEnabled"],
            "NetworkType": whole["NetworkType"],
            "IpDiscovery": whole["IpDiscovery"],
            **group.member_fields,
        }
    )
    if mode := whole.get("TransitEncryptionMode"):
        view["TransitEncryptionMode"] = mode


def refresh(backend: ElastiCacheBackend, group: ReplicationGroup) -> None:
    """Write a change of the group into its members."""
    for member in group.view["MemberClusters"]:
        _describe(backend.cache_clusters[member], group)


def set_status(backend: ElastiCacheBackend, group: ReplicationGroup, status: str) -> None:
    """Set the status of the group, its node groups and its members; a group on its way out stays so."""
    if group.view["Status"] == "deleting":
        return
    group.view["Status"] = status
    for node_group in group.view["NodeGroups"]:
        node_group["Status"] = status
    for member in group.view["MemberClusters"]:
        view = backend.cache_clusters[member]
        view["CacheClusterStatus"] = status
        for node in view["CacheNodes"]:
            node["CacheNodeStatus"] = status


def clear(backend: ElastiCacheBackend, group: ReplicationGroup) -> None:
    """Remove the group's members."""
    for member in group.view["MemberClusters"]:
        view = backend.cache_clusters.pop(member, None)
        if view:
            backend.tags.pop(view["ARN"], None)


def describe(request: CacheRequest) -> View:
    """DescribeCacheClusters; nodes only when asked for."""
    clusters = request.backend.cache_clusters
    if name := request.get("CacheClusterId"):
        if name not in clusters:
            raise not_found("CacheCluster", name)
        found = [clusters[name]]
    else:
        found = [view for _, view in sorted(clusters.items())]
    if request.get("ShowCacheClustersNotInReplicationGroups"):
        found = [view for view in found if not view.get("ReplicationGroupId")]
    if not request.get("ShowCacheNodeInfo"):
        found = [{key: value for key, value in view.items() if key != "CacheNodes"} for view in found]
    return request.page("CacheClusters", found)


OPERATIONS: dict[str, Operation] = {"DescribeCacheClusters": describe}
