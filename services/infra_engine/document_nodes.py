"""The cluster and its node groups, from the document."""

from dataclasses import replace
from typing import Any

from google.protobuf.message import Message
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.gpus import BETA9_NAMES
from services.infra_engine.stacks.stack_input import SYSTEM, Cluster, NodeGroup, Taint

GPU = "gpu"
"""The name of the group that `beta9.workers` describes."""


def cluster(spec: pb.EnvironmentSpec) -> Cluster:
    """Raises ValueError, with the field's name, for a choice that this release does not know."""
    said = spec.cluster
    system = _group(said.system_nodes, SYSTEM, "cluster.system_nodes")
    groups = [_group(one, one.name, f"cluster.node_groups[{one.name}]") for one in said.node_groups]
    workers = spec.beta9.workers
    if workers.gpu_enabled:
        groups.append(_gpu_group(workers))
    private = enum_word(pb.EndpointAccess, said.endpoint_access, "cluster.endpoint_access", "PUBLIC") == "PRIVATE"
    return Cluster(
        profile=enum_word(pb.Profile, said.profile, "cluster.profile", "small").lower(),
        version=said.version if said.HasField("version") else None,
        existing_name=said.existing_cluster_name if said.use_existing else None,
        support=enum_word(pb.Support, said.support, "cluster.support", "EXTENDED"),
        public_endpoint=not private,
        public_access_cidrs=tuple(said.public_access_cidrs) or Cluster.public_access_cidrs,
        system_nodes=_with(system, dict(said.node_labels), _taints(said.node_taints, "cluster.node_taints")),
        node_groups=tuple(groups),
    )


def given(message: Message, *names: str) -> dict[str, Any]:
    """The fields that a message has, by name."""
    return {name: getattr(message, name) for name in names if message.HasField(name)}


def enum_word(choices: Any, value: int, field: str, default: str) -> Any:
    """A value's name without its enum's prefix, such as "PER_ZONE"; `default` for one that is not said."""
    if not value:
        return default
    prefix = choices.Name(0).removesuffix("UNSPECIFIED")
    try:
        return choices.Name(value).removeprefix(prefix)
    except ValueError as error:
        raise ValueError(f"{field} is {value}, which this release does not know.") from error


def _group(said: pb.NodeGroupSpec, name: str, field: str) -> NodeGroup:
    return NodeGroup(
        name,
        instance_types=tuple(said.instance_types),
        capacity_type=enum_word(pb.CapacityType, said.capacity_type, f"{field}.capacity_type", "ON_DEMAND"),
        labels=dict(said.labels),
        taints=_taints(said.taints, f"{field}.taints"),
        capacity_reservation_id=said.capacity_reservation_id or None,
        gpu_type=_gpu(said.gpu_type, f"{field}.gpu_type"),
        **given(said, "min_size", "max_size", "desired_size", "disk_gb", "gpu_count"),
    )


def _gpu_group(workers: pb.WorkersSpec) -> NodeGroup:
    at = "beta9.workers"
    return NodeGroup(
        GPU,
        min_size=workers.min_workers if workers.HasField("min_workers") else 1,
        max_size=workers.max_workers if workers.HasField("max_workers") else 10,
        capacity_type=enum_word(pb.CapacityType, workers.capacity_type, f"{at}.capacity_type", "ON_DEMAND"),
        capacity_reservation_id=workers.capacity_reservation_id or None,
        gpu_type=_gpu(workers.gpu_type, f"{at}.gpu_type"),
        gpu_count=workers.gpu_count if workers.HasField("gpu_count") else None,
    )


def _gpu(value: int, field: str) -> str | None:
    if not value:
        return None
    if value not in BETA9_NAMES:
        raise ValueError(f"{field} is {value}, which this release does not know.")
    return BETA9_NAMES[value]


def _taints(said: Any, field: str) -> tuple[Taint, ...]:
    return tuple(
        Taint(one.key, one.value, enum_word(pb.TaintEffect, one.effect, f"{field}.effect", "NO_SCHEDULE"))
        for one in said
    )


def _with(group: NodeGroup, labels: dict[str, str], taints: tuple[Taint, ...]) -> NodeGroup:
    return replace(group, labels=labels, taints=taints)
