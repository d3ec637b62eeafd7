"""Engine versions, offers of reserved nodes, snapshots and tags."""

from __future__ import annotations

import uuid

from libs.sandbox.aws.elasticache import engines, fit
from libs.sandbox.aws.elasticache.failures import not_found
from libs.sandbox.aws.elasticache.models import View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation, tag_list


def describe_versions(request: CacheRequest) -> View:
    """DescribeCacheEngineVersions."""
    found: list[View] = []
    for engine, versions in engines.VERSIONS.items():
        for version in versions:
            view: View = {
                "Engine": engine,
                "EngineVersion": version,
                "CacheParameterGroupFamily": engines.family(engine, version),
                "CacheEngineDescription": engine.capitalize(),
                "CacheEngineVersionDescription": f"{engine} version {version}",
            }
            wanted = (request.get("Engine", engine), request.get("EngineVersion", version))
            family = request.get("CacheParameterGroupFamily", view["CacheParameterGroupFamily"])
            if wanted == (engine, version) and family == view["CacheParameterGroupFamily"]:
                found.append(view)
    if request.get("DefaultOnly"):
        found = found[-1:]
    return request.page("CacheEngineVersions", found)


def describe_offerings(request: CacheRequest) -> View:
    """DescribeReservedCacheNodesOfferings: of each node type for each engine one a year, without prices."""
    wanted = request.get("CacheNodeType")
    found = [
        {
            "ReservedCacheNodesOfferingId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{node_type} {engine}")),
            "CacheNodeType": node_type,
            "Duration": 31536000,
            "ProductDescription": engine,
            "OfferingType": "No Upfront",
            "FixedPrice": 0.0,
            "UsagePrice": 0.0,
        }
        for node_type in fit.NODE_TYPES
        for engine in engines.VERSIONS
        if wanted in (None, node_type) and request.get("ProductDescription", engine) == engine
    ]
    return request.page("ReservedCacheNodesOfferings", found)


def describe_snapshots(request: CacheRequest) -> View:
    """DescribeSnapshots, all, one, or a replication group's."""
    snapshots = request.backend.snapshots
    if name := request.get("SnapshotName"):
        if name not in snapshots:
            raise not_found("Snapshot", name)
        return {"Snapshots": [snapshots[name]]}
    group = request.get("ReplicationGroupId")
    found = [view for view in snapshots.values() if not group or view["ReplicationGroupId"] == group]
    return request.page("Snapshots", found)


def delete_snapshot(request: CacheRequest) -> View:
    """DeleteSnapshot."""
    name = request.get("SnapshotName")
    if name not in request.backend.snapshots:
        raise not_found("Snapshot", name)
    view = request.backend.snapshots.pop(name)
    request.backend.tags.pop(view["ARN"], None)
    return {"Snapshot": view | {"SnapshotStatus": "deleting"}}


def list_tags(request: CacheRequest) -> View:
    """ListTagsForResource."""
    return {"TagList": tag_list(request.backend.tags_of(request.get("ResourceName")))}


def add_tags(request: CacheRequest) -> View:
    """AddTagsToResource."""
    tags = request.backend.tags_of(request.get("ResourceName"))
    tags.update(request.tags())
    return {"TagList": tag_list(tags)}


def remove_tags(request: CacheRequest) -> View:
    """RemoveTagsFromResource."""
    tags = request.backend.tags_of(request.get("ResourceName"))
    for key in request.get("TagKeys", []):
        tags.pop(key, None)
    return {"TagList": tag_list(tags)}


OPERATIONS: dict[str, Operation] = {
    "DescribeCacheEngineVersions": describe_versions,
    "DescribeReservedCacheNodesOfferings": describe_offerings,
    "DescribeSnapshots": describe_snapshots,
    "DeleteSnapshot": delete_snapshot,
    "ListTagsForResource": list_tags,
    "AddTagsToResource": add_tags,
    "RemoveTagsFromResource": remove_tags,
}
