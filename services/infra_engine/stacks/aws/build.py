"""Puts the constructs together. Runs in the synthesis child alone."""

from typing import Any

from services.infra_engine.stacks.aws import cache, postgres
from services.infra_engine.stacks.aws.addons import build_network_addons, build_node_addons
from services.infra_engine.stacks.aws.cluster import build_cluster
from services.infra_engine.stacks.aws.firewall import build_backend_group
from services.infra_engine.stacks.aws.identity import build_gateway_role, build_workspace_storage_user
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.network import build_network
from services.infra_engine.stacks.aws.nodes import build_nodes
from services.infra_engine.stacks.aws.object_store import build_object_store
from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS, CLUSTER_OUTPUTS, build_outputs
from services.infra_engine.stacks.aws.provider import build_provider
from services.infra_engine.stacks.definition import Shape


def build(stack: Any, shape: Shape) -> None:
    """The cluster and the backends grow side by side: neither waits for the other, so both milestones come early."""
    inputs = Inputs(stack, secrets=(postgres.PASSWORD,))
    build_provider(stack, inputs)
    network = build_network(stack, inputs)

    cluster = build_cluster(stack, inputs, network)
    network_addons = build_network_addons(stack, inputs, cluster)
    nodes, _ = build_nodes(stack, inputs, cluster, network, network_addons)
    build_node_addons(stack, inputs, cluster, nodes)

    database_group = build_backend_group(stack, inputs, network, cluster, "database", postgres.PORT)
    postgres.build_postgres(stack, inputs, network, database_group)
    cache_group = build_backend_group(stack, inputs, network, cluster, "cache", cache.PORT)
    cache.build_cache(stack, inputs, network, cache_group)
    bucket = build_object_store(stack, inputs)

    build_gateway_role(stack, inputs, cluster, bucket)
    build_workspace_storage_user(stack, inputs)
    build_outputs(stack, {**CLUSTER_OUTPUTS, **BACKEND_OUTPUTS})
