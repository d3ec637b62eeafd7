"""What the bootstrap takes from an environment's document, defaults filled in as the contract's comments state them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Actor, Failure, Kind
from libs.gpus import BETA9_NAMES, fewest
from services.cluster_bootstrapper.placement import GpuPool, Toleration
from services.cluster_bootstrapper.values import Beta9Document

GPU_POOL = "gpu"
"""The node group, and the pool on it, that `beta9.workers` describes."""

_MIN_WORKERS = 1
_EFFECTS: Mapping[int, str] = {
    pb.TAINT_EFFECT_NO_SCHEDULE: "NoSchedule",
    pb.TAINT_EFFECT_PREFER_NO_SCHEDULE: "PreferNoSchedule",
    pb.TAINT_EFFECT_NO_EXECUTE: "NoExecute",
}


def beta9_document(environment: str, spec: pb.EnvironmentSpec) -> Beta9Document:
    """The part that Beta9's values depend on. Raises Failure `DOCUMENT_NOT_KNOWN`."""
    beta9 = spec.beta9
    profile = spec.cluster.profile or pb.PROFILE_SMALL
    return Beta9Document(
        environment=environment,
        domain=beta9.domain,
        version=beta9.version or "latest",
        profile=pb.Profile.Name(profile).removeprefix("PROFILE_").lower(),
        enable_metrics=beta9.enable_metrics if beta9.HasField("enable_metrics") else True,
        enable_logging=beta9.enable_logging if beta9.HasField("enable_logging") else True,
        min_workers=_min_workers(beta9.workers),
        gpu_pools=gpu_pools(spec),
        tolerations=tolerations(spec),
    )


def is_shared(spec: pb.EnvironmentSpec) -> bool:
    """Whether the cluster is the customer's own, in which other things live too."""
    return spec.cluster.use_existing


def is_private(spec: pb.EnvironmentSpec) -> bool:
    """Whether the Kubernetes API can be reached from the VPC alone."""
    return spec.cluster.endpoint_access == pb.ENDPOINT_ACCESS_PRIVATE


def gpu_pools(spec: pb.EnvironmentSpec) -> tuple[GpuPool, ...]:
    """One for each node group with a GPU, in the document's order. Raises Failure `DOCUMENT_NOT_KNOWN`."""
    pools = [_pool(group, group.name, group.min_size) for group in spec.cluster.node_groups if group.gpu_type]
    workers = spec.beta9.workers
    if workers.gpu_enabled:
        pools.append(_pool(workers, GPU_POOL, _min_workers(workers)))
    return tuple(pools)


def tolerations(spec: pb.EnvironmentSpec) -> tuple[Toleration, ...]:
    """Of the system nodes' taints, for whatever is installed. Raises Failure `DOCUMENT_NOT_KNOWN`."""
    return tuple(
        Toleration(taint.key, taint.value, _known(_EFFECTS, taint.effect, "cluster.node_taints.effect"))
        for taint in spec.cluster.node_taints
    )


def _min_workers(workers: pb.WorkersSpec) -> int:
    return workers.min_workers if workers.HasField("min_workers") else _MIN_WORKERS


def _pool(group: Any, name: str, nodes: int) -> GpuPool:
    gpu = _known(BETA9_NAMES, group.gpu_type, f"the GPU type of {name}")
    count = group.gpu_count if group.HasField("gpu_count") else _default_count(group, gpu)
    return GpuPool(name, gpu, count, nodes)


def _default_count(group: Any, gpu: str) -> int:
    """Of instance types that the document names itself it need not say the number of GPUs; then one is sure."""
    return 1 if getattr(group, "instance_types", None) else fewest(gpu)


def _known(names: Mapping[int, str], value: int, field: str) -> str:
    if value in names:
        return names[value]
    raise Failure(
        reason="DOCUMENT_NOT_KNOWN",
        message=f"The document says {value} for {field}, which this release does not know.",
        kind=Kind.INVALID_ARGUMENT,
        actor=Actor.CUSTOMER,
        remedy="Correct the document, or upgrade the platform.",
        resource_address=field,
    )
