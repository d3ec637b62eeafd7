"""Subnet groups: a VPC's subnets under a name; in use, they cannot be deleted."""

from __future__ import annotations

from libs.sandbox.aws.ec2 import interfaces
from libs.sandbox.aws.elasticache.failures import exists, not_found
from libs.sandbox.aws.elasticache.models import ElastiCacheBackend, View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation
from libs.sandbox.aws.failures import AwsFailure

_KIND = "CacheSubnetGroup"


def find(backend: ElastiCacheBackend, name: str) -> View:
    """A group by name, or CacheSubnetGroupNotFoundFault."""
    if name not in backend.cache_subnet_groups:
        raise not_found(_KIND, name)
    return backend.cache_subnet_groups[name]


def subnet_ids(view: View) -> list[str]:
    """Ids of a group's subnets."""
    return [subnet["SubnetIdentifier"] for subnet in view["Subnets"]]


def zones(view: View) -> list[str]:
    """Zones of a group, each once."""
    return list(dict.fromkeys(subnet["SubnetAvailabilityZone"]["Name"] for subnet in view["Subnets"]))


def _subnets(backend: ElastiCacheBackend, wanted: list[str]) -> tuple[str, list[View]]:
    found = []
    for subnet_id in wanted:
        subnet = interfaces.subnet(backend.account_id, backend.region_name, subnet_id)
        if subnet is None:
            raise AwsFailure("InvalidSubnet", f"The subnet ID {subnet_id} does not exist.")
        found.append(subnet)
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise AwsFailure("InvalidSubnet", "The subnets are not all in the same VPC.")
    views: list[View] = [
        {
            "SubnetIdentifier": subnet.subnet_id,
            "SubnetAvailabilityZone": {"Name": subnet.zone},
            "SupportedNetworkTypes": ["ipv4"],
        }
        for subnet in found
    ]
    return found[0].vpc_id, views


def create(request: CacheRequest) -> View:
    """CreateCacheSubnetGroup. Names are kept in lower case."""
    backend, name = request.backend, request.get("CacheSubnetGroupName").lower()
    if name in backend.cache_subnet_groups:
        raise exists(_KIND, name)
    vpc_id, subnets = _subnets(backend, request.get("SubnetIds", []))
    arn = backend.arn("subnetgroup", name)
    view: View = {
        "CacheSubnetGroupName": name,
        "CacheSubnetGroupDescription": request.get("CacheSubnetGroupDescription", ""),
        "VpcId": vpc_id,
        "Subnets": subnets,
        "ARN": arn,
        "SupportedNetworkTypes": ["ipv4"],
    }
    backend.cache_subnet_groups[name] = view
    backend.tags[arn] = request.tags()
    return {"CacheSubnetGroup": view}


def describe(request: CacheRequest) -> View:
    """DescribeCacheSubnetGroups."""
    if name := request.get("CacheSubnetGroupName"):
        return {"CacheSubnetGroups": [find(request.backend, name)]}
    return request.page("CacheSubnetGroups", list(request.backend.cache_subnet_groups.values()))


def modify(request: CacheRequest) -> View:
    """ModifyCacheSubnetGroup."""
    view = find(request.backend, request.get("CacheSubnetGroupName"))
    if (description := request.get("CacheSubnetGroupDescription")) is not None:
        view["CacheSubnetGroupDescription"] = description
    if wanted := request.get("SubnetIds"):
        view["VpcId"], view["Subnets"] = _subnets(request.backend, wanted)
    return {"CacheSubnetGroup": view}


def delete(request: CacheRequest) -> View:
    """DeleteCacheSubnetGroup, unless a cache is in it."""
    backend, name = request.backend, request.get("CacheSubnetGroupName")
    view = find(backend, name)
    if any(group.subnet_group == name for group in backend.replication_groups.values()):
        raise AwsFailure("CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use by a cache.")
    del backend.cache_subnet_groups[name]
    backend.tags.pop(view["ARN"], None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateCacheSubnetGroup": create,
    "DescribeCacheSubnetGroups": describe,
    "ModifyCacheSubnetGroup": modify,
    "DeleteCacheSubnetGroup": delete,
}
