"""Service quotas of things that are counted: what others have, and what the document adds, against what AWS allows."""

from collections.abc import Iterator, Mapping

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.facts import Counted, Facts, Unreadable
from services.infra_engine.preflight.findings import Finding
from services.infra_engine.preflight.limits import Limit, exceeded

LIMITS: Mapping[str, Limit] = {
    "clusters": Limit("CLUSTER_QUOTA_TOO_LOW", "cluster", "eks", "L-1194D53C", "EKS clusters"),
    "node groups": Limit(
        "NODE_GROUP_QUOTA_TOO_LOW", "cluster.node_groups", "eks", "L-6D54EA21", "managed node groups", "the cluster"
    ),
    "databases": Limit("DATABASE_QUOTA_TOO_LOW", "data.postgres", "rds", "L-7B6409FD", "DB instances"),
    "cache nodes": Limit("CACHE_NODE_QUOTA_TOO_LOW", "data.redis", "elasticache", "L-DFE45DF3", "cache nodes"),
    "buckets": Limit("BUCKET_QUOTA_TOO_LOW", "data.object_store", "s3", "L-DC2B2D3D", "buckets"),
    "security groups": Limit("SECURITY_GROUP_QUOTA_TOO_LOW", "network", "vpc", "L-E79EC296", "security groups of VPCs"),
}


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """CLUSTER_, NODE_GROUP_, DATABASE_, CACHE_NODE_, BUCKET_ and SECURITY_GROUP_QUOTA_TOO_LOW."""
    if isinstance(facts.quotas, Unreadable):
        return
    added = _added(asked)
    # In a cluster of our own there are no others' groups, so that nobody counts them.
    alone = () if asked.stack_input.cluster.existing_name else (Counted("node groups", 0),)
    for one in (*facts.counted, *alone):
        if isinstance(one, Counted) and added[one.kind]:
            yield from exceeded(LIMITS[one.kind], one.number + added[one.kind], facts.quotas, asked)


def _added(asked: Asked) -> dict[str, int]:
    """What the environment has of each kind once it is built."""
    own_cluster = int(asked.stack_input.cluster.existing_name is None)
    return {
        "clusters": own_cluster,
        "node groups": len(asked.groups),
        "databases": 1,
        "cache nodes": asked.cache_nodes,
        # Its own and the state's, which may be there: it is not counted among the others'.
        "buckets": 1 + int(asked.stack_input.state.in_s3),
        # The stores' two, the cluster's own and the VPC's default one.
        "security groups": 2 + own_cluster + int(asked.makes_network),
    }
