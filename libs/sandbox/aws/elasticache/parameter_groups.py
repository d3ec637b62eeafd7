"""Parameter groups: the values that their owner set are kept, every other one is the family's default."""

from __future__ import annotations

from libs.sandbox.aws.elasticache import engines
from libs.sandbox.aws.elasticache.failures import exists, invalid, not_found
from libs.sandbox.aws.elasticache.models import ElastiCacheBackend, ParameterGroup, View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation
from libs.sandbox.aws.failures import AwsFailure

_KIND = "CacheParameterGroup"


def find(backend: ElastiCacheBackend, name: str) -> ParameterGroup:
    """A group by name; the defaults of each family are always there."""
    if name not in backend.parameter_groups and name.startswith("default."):
        family = name.removeprefix("default.").removesuffix(".cluster.on")
        if family in engines.FAMILIES:
            _add(backend, name, family, f"Default parameter group for {family}", {})
    if name not in backend.parameter_groups:
        raise not_found(_KIND, name)
    return backend.parameter_groups[name]


def default_name(engine: str, version: str, clustered: bool) -> str:
    """The group that is taken when none is named."""
    return f"default.{engines.family(engine, version)}" + (".cluster.on" if clustered else "")


def _add(backend: ElastiCacheBackend, name: str, family: str, description: str, tags: dict[str, str]) -> ParameterGroup:
    arn = backend.arn("parametergroup", name)
    view: View = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": family,
        "Description": description,
        "IsGlobal": False,
        "ARN": arn,
    }
    backend.parameter_groups[name] = ParameterGroup(view)
    backend.tags[arn] = tags
    return backend.parameter_groups[name]


def create(request: CacheRequest) -> View:
    """CreateCacheParameterGroup. Names are kept in lower case."""
    name, family = request.get("CacheParameterGroupName").lower(), request.get("CacheParameterGroupFamily")
    if name in request.backend.parameter_groups or name.startswith("default."):
        raise exists(_KIND, name)
    if family not in engines.FAMILIES:
        raise invalid(f"CacheParameterGroupFamily {family} is not a valid parameter group family.")
    group = _add(request.backend, name, family, request.get("Description", ""), request.tags())
    return {"CacheParameterGroup": group.view}


def describe(request: CacheRequest) -> View:
    """DescribeCacheParameterGroups."""
    if name := request.get("CacheParameterGroupName"):
        return {"CacheParameterGroups": [find(request.backend, name).view]}
    for family in engines.FAMILIES:
        find(request.backend, f"default.{family}")
    groups = [group.view for _, group in sorted(request.backend.parameter_groups.items())]
    return request.page("CacheParameterGroups", groups)


def describe_parameters(request: CacheRequest) -> View:
    """DescribeCacheParameters, all or those of one source."""
    name = request.get("CacheParameterGroupName")
    group = find(request.backend, name)
    return request.page("Parameters", engines.parameters(name, group.values, request.get("Source")))


def describe_defaults(request: CacheRequest) -> View:
    """DescribeEngineDefaultParameters."""
    family = request.get("CacheParameterGroupFamily")
    listed = engines.parameters(f"default.{family}", {}, None)
    return {"EngineDefaults": {"CacheParameterGroupFamily": family, "Parameters": listed}}


def _own(request: CacheRequest) -> ParameterGroup:
    name = request.get("CacheParameterGroupName")
    if name.startswith("default."):
        raise AwsFailure("InvalidCacheParameterGroupState", f"Default parameter group {name} cannot be changed.")
    return find(request.backend, name)


def modify(request: CacheRequest) -> View:
    """ModifyCacheParameterGroup."""
    group = _own(request)
    changes = {
        item["ParameterName"]: item.get("ParameterValue") or "" for item in request.get("ParameterNameValues", [])
    }
    for key, value in changes.items():
        engines.check_parameter(key, value)
    group.values.update(changes)
    return {"CacheParameterGroupName": group.view["CacheParameterGroupName"]}


def reset(request: CacheRequest) -> View:
    """ResetCacheParameterGroup: the named parameters, or all."""
    group = _own(request)
    if request.get("ResetAllParameters"):
        group.values.clear()
    for item in request.get("ParameterNameValues", []):
        group.values.pop(item["ParameterName"], None)
    return {"CacheParameterGroupName": group.view["CacheParameterGroupName"]}


def delete(request: CacheRequest) -> View:
    """DeleteCacheParameterGroup, unless a cache uses it."""
    name = _own(request).view["CacheParameterGroupName"]
    if any(group.parameter_group == name for group in request.backend.replication_groups.values()):
        raise AwsFailure("InvalidCacheParameterGroupState", f"CacheParameterGroup {name} is in use.")
    request.backend.tags.pop(request.backend.parameter_groups.pop(name).view["ARN"], None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateCacheParameterGroup": create,
    "DescribeCacheParameterGroups": describe,
    "DescribeCacheParameters": describe_parameters,
    "DescribeEngineDefaultParameters": describe_defaults,
    "ModifyCacheParameterGroup": modify,
    "ResetCacheParameterGroup": reset,
    "DeleteCacheParameterGroup": delete,
}
