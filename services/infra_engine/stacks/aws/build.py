"""Puts the constructs together. Runs in the synthesis child alone."""

from typing import Any

from services.infra_engine.stacks.aws import cache, postgres
from services.infra_engine.stacks.aws.addons import build_network_addons, build_node_addons
from services.infra_engine.stacks.aws.cluster import Cluster, build_cluster
from services.infra_engine.stacks.aws.controllers import build_autoscaler_role, build_load_balancer_role
from services.infra_engine.stacks.aws.database_secret import PASSWORD
from services.infra_engine.stacks.aws.encryption import Encryption, build_encryption
from services.infra_engine.stacks.aws.existing_cluster import build_existing_cluster
from services.infra_engine.stacks.aws.firewall import build_backend_group
from services.infra_engine.stacks.aws.flow_logs import build_flow_logs
from services.infra_engine.stacks.aws.identity import build_gateway_role, build_workspace_storage_user
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.network import build_network
from services.infra_engine.stacks.aws.nodes import build_nodes
from services.infra_engine.stacks.aws.object_store import build_object_store
from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS, build_outputs, cluster_outputs
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.aws.provider import build_provider
from services.infra_engine.stacks.aws.shape import StackShape, from_shape
from services.infra_engine.stacks.bindings import Resource
from services.infra_engine.stacks.definition import Shape


def build(stack: Any, shape: Shape) -> None:
    """The cluster and the backends grow side by side: neither waits for the other, so both milestones come early."""
    of = from_shape(shape)
    inputs = Inputs(stack, secrets=(PASSWORD,))
    build_provider(stack, inputs)
    encryption = build_encryption(stack, inputs, of)
    network = build_network(stack, inputs, of)
    if of.flow_logs:
        build_flow_logs(stack, inputs, network, encryption)
    cluster = build_cluster_and_nodes(stack, inputs, of, network, encryption)

    database_group = build_backend_group(stack, inputs, network, cluster, "database", postgres.PORT)
    postgres.build_postgres(stack, inputs, network, database_group, encryption)
    cache_group = build_backend_group(stack, inputs, network, cluster, "cache", cache.PORT)
    cache.build_cache(stack, inputs, network, cache_group, encryption)
    build_identities(stack, inputs, cluster, build_object_store(stack, inputs, encryption), encryption)
    build_outputs(stack, {**cluster_outputs(of), **BACKEND_OUTPUTS})


def build_cluster_and_nodes(
    stack: Any, inputs: Inputs, shape: StackShape, network: Network, encryption: Encryption
) -> Cluster:
    """A cluster with add-ons around its nodes; in a customer's cluster, nodes alone."""
    if shape.existing_cluster:
        cluster = build_existing_cluster(stack, inputs, shape)
        build_nodes(stack, inputs, shape, cluster, network, encryption)
        return cluster
    cluster = build_cluster(stack, inputs, network, encryption)
    first = build_network_addons(stack, inputs, cluster)
    nodes = build_nodes(stack, inputs, shape, cluster, network, encryption, first)
    build_node_addons(stack, inputs, cluster, encryption, nodes["system"])
    return cluster


def build_identities(stack: Any, inputs: Inputs, cluster: Cluster, bucket: Resource, encryption: Encryption) -> None:
    """Everybody who acts in AWS from inside the cluster."""
    build_gateway_role(stack, inputs, cluster, bucket, encryption)
    build_workspace_storage_user(stack, inputs)
    build_autoscaler_role(stack, inputs, cluster)
    build_load_balancer_role(stack, inputs, cluster)
