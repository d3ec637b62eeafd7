"""The cache: a replication group of Valkey, or Redis OSS by document, with its subnet and parameter groups.

TLS and encryption always, replicas and failover by the document, snapshots, and the parameters that Beta9 relies on.

The auth token is made and set by API once the group is there, because the provider would keep it in the state; its
secret is here without a value. That the group has a token then is no difference to the plan. The security group admits
the cluster's nodes alone, before as after.
"""

from typing import Any

from services.infra_engine.stacks.aws.database_secret import build_secret
from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.placement import Network
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


def build_cache(stack: Any, inputs: Inputs, network: Network, group: Resource, encryption: Encryption) -> Resource:
    """One shard, because JuiceFS and Beta9 use more than one database; replicas by the document."""
    build_secret(stack, inputs, encryption, "cache_secret", "Auth token of the environment's cache")
    subnets = create(
        stack,
        subnet_group.ElasticacheSubnetGroup,
        "cache_subnets",
        name=inputs.name("cache"),
        subnet_ids=network.private_subnet_ids,
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
        parameter_group_name=_parameters(stack, inputs).ref("name"),
        at_rest_encryption_enabled="true",
        kms_key_id=encryption.key_arn,
        transit_encryption_enabled=True,
        transit_encryption_mode="required",
        snapshot_retention_limit=inputs.number("cache_snapshot_retention_days"),
        snapshot_window=inputs.text("cache_snapshot_window"),
        maintenance_window=inputs.text("cache_maintenance_window"),
        apply_immediately=True,
        lifecycle={"ignore_changes": ["auth_token", "auth_token_update_strategy"]},
    )


def _parameters(stack: Any, inputs: Inputs) -> Resource:
    return create(
        stack,
        parameter_group.ElasticacheParameterGroup,
        "cache_parameters",
        name=inputs.name("cache_parameters"),
        family=inputs.text("cache_family"),
        parameter=[
            parameter_group.ElasticacheParameterGroupParameter(name=name, value=value)
            for name, value in sorted(_PARAMETERS.items())
        ],
        lifecycle={"create_before_destroy": True},
    )
