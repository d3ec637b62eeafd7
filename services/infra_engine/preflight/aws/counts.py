"""How many of what has a quota others have, and whether ElastiCache has a node type. Each kind is a call of its own."""

from collections.abc import Mapping, Set
from typing import Any

from libs.aws_access.errors import error_code
from services.infra_engine.preflight.aws.clients import pages
from services.infra_engine.preflight.aws.ec2 import is_own
from services.infra_engine.preflight.facts import Counted

Own = Mapping[str, str]
"""Tags, any of which marks a thing as the environment's."""


def clusters(eks: Any, own_name: str) -> Counted:
    """EKS clusters but the environment's, by its name."""
    return Counted("clusters", sum(name != own_name for name in _names(eks, "list_clusters", "clusters")))


def node_groups(eks: Any, cluster: str, own_prefix: str) -> Counted:
    """Node groups in a cluster of the customer's but ours, by the beginning of their names."""
    try:
        found = _names(eks, "list_nodegroups", "nodegroups", clusterName=cluster)
    except Exception as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        found = []  # that there is no such cluster is told by its own check
    return Counted("node groups", sum(not name.startswith(own_prefix) for name in found))


def databases(rds: Any, own: Own) -> Counted:
    """RDS instances, those of clusters among them."""
    found = pages(rds, "describe_db_instances", "DBInstances")
    return Counted("databases", sum(not is_own(one, own, "TagList") for one in found))


def cache_nodes(elasticache: Any, own_group: str) -> Counted:
    """Nodes of ElastiCache but those of the environment's replication group."""
    found = pages(elasticache, "describe_cache_clusters", "CacheClusters")
    others = [one for one in found if one.get("ReplicationGroupId") != own_group]
    return Counted("cache nodes", sum(int(one.get("NumCacheNodes", 1)) for one in others))


def cache_type(elasticache: Any, node_type: str) -> bool:
    """Whether ElastiCache sells reservations of the type in the region."""
    found = elasticache.describe_reserved_cache_nodes_offerings(CacheNodeType=node_type, MaxRecords=20)
    return bool(found["ReservedCacheNodesOfferings"])


def buckets(s3: Any, own_names: Set[str | None]) -> Counted:
    """The account's buckets, of all regions, but those that the environment asks for itself."""
    found = pages(s3, "list_buckets", "Buckets")
    return Counted("buckets", sum(one["Name"] not in own_names for one in found))


def security_groups(ec2: Any, own: Own) -> Counted:
    """Security groups but the environment's, EKS's for its cluster and the default one of its VPC among them."""
    found = pages(ec2, "describe_security_groups", "SecurityGroups")
    return Counted("security groups", sum(not is_own(one, own) for one in found))


def _names(eks: Any, operation: str, key: str, **parameters: Any) -> list[str]:
    found: list[Any] = pages(eks, operation, key, **parameters)
    return [str(name) for name in found]
