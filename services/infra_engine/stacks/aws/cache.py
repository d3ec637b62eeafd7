"""Redis: a Valkey replication group with TLS and the parameters that Beta9 relies on.

There is no auth token yet: the provider keeps it in the state, so it will be set by API once the group is there (its
security group admits the cluster's nodes alone until then and after).
"""

from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.network import Network
from services.infra_engine.stacks.bindings import Resource, aws, create

PORT = 6379

replication_group = aws("elasticache_replication_group")
parameter_group = aws("elasticache_parameter_group")
subnet_group = aws("elasticache_subnet_group")

_PARAMETERS = {
    # Beta9 waits for key events.
    "notify-keyspace-events": "AKE",
    # It keeps state here that nothing may evict.
    "maxmemory-policy": "noeviction",
}


def build_cache(stack: Any, inputs: Inputs, network: Network, group: Resource) -> Resource:
    """One shard, because JuiceFS and Beta9 use more than one database; replicas by the document."""
    subnets = create(
        stack,
        subnet_group.ElasticacheSubnetGroup,
        "cache_subnets",
        name=inputs.name("cache"),
        subnet_ids=network.private_subnet_ids,
    )
    parameters = create(
        stack,
        parameter_group.ElasticacheParameterGroup,
        "cache_parameters",
        name=inputs.name("cache"),
        family=inputs.text("cache_family"),
        parameter=[
            parameter_group.ElasticacheParameterGroupParameter(name=name, value=value)
            for name, value in sorted(_PARAMETERS.items())
        ],
        lifecycle={"create_before_destroy": True},
    )
    return create(
        stack,
        replication_group.ElasticacheReplicationGroup,
        "cache",
        replication_group_id=inputs.name("cache"),
        description="Beta9 environment cache",
        engine=inputs.text("cache_engine"),
        engine_version=inputs.text("cache_engine_version"),
        node_type=inputs.text("cache_node_type"),
        num_cache_clusters=inputs.number("cache_nodes"),
        automatic_failover_enabled=inputs.flag("cache_failover"),
        multi_az_enabled=inputs.flag("cache_failover"),
        port=PORT,
        subnet_group_name=subnets.ref("name"),
        security_group_ids=[group.ref("id")],
        parameter_group_name=parameters.ref("name"),
        at_rest_encryption_enabled="true",
        transit_encryption_enabled=True,
        transit_encryption_mode="required",
        snapshot_retention_limit=1,
        apply_immediately=True,
    )
