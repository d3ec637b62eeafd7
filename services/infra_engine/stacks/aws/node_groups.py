"""What each node group of a document is in the end: one pure function, for the stack and for the pre-flight checks.

What the document says wins; the rest comes from the profile (system nodes) or from the GPU.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.infra_engine.stacks.aws.gpu import instance_type
from services.infra_engine.stacks.aws.profiles import NODES, NodeProfile
from services.infra_engine.stacks.stack_input import CapacityType, NodeGroup, StackInput, Taint

GROUP_LABEL = "beta9.io/node-group"
GPU_LABEL = "beta9.io/gpu-type"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
_GPU_DISK_GB = 200


class UnusableGroup(ValueError):
    """A node group that cannot be built, with what to change."""


@dataclass(frozen=True)
class ResolvedGroup:
    """A node group without anything left open.

    `gpu_count` is GPUs a node, 0 without; with instance types of the document's own it is what the document says.
    `zone_id` is where its capacity reservation is, None: all zones. Disk in GiB.
    """

    name: str
    instance_types: tuple[str, ...]
    min_size: int
    max_size: int
    desired_size: int
    disk_gb: int
    ami_type: str
    capacity_type: CapacityType
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    capacity_reservation_id: str | None
    gpu_type: str | None
    gpu_count: int
    zone_id: str | None

    @property
    def key(self) -> str:
        """What names it in the stack's code."""
        return self.name.replace("-", "_")


def resolve(stack_input: StackInput) -> tuple[ResolvedGroup, ...]:
    """The system group first; a cluster of the customer's own has none. Raises `UnusableGroup` or `UnusableGpu`."""
    cluster = stack_input.cluster
    profile = NODES[cluster.profile]
    other = NodeProfile(profile.instance_type, min_size=0, max_size=10, desired_size=0)
    groups = [_resolve(one, other, stack_input) for one in cluster.node_groups]
    if cluster.existing_name is None:
        groups.insert(0, _resolve(cluster.system_nodes, profile, stack_input))
    names = [one.name for one in groups]
    if taken := {name for name in names if names.count(name) > 1}:
        raise UnusableGroup(f"Two node groups are named {min(taken)!r}; give each a name of its own.")
    return tuple(groups)


def _resolve(group: NodeGroup, profile: NodeProfile, stack_input: StackInput) -> ResolvedGroup:
    if not _NAME.fullmatch(group.name):
        raise UnusableGroup(
            f"The node group name {group.name[:80]!r} cannot be used: give 1 to 20 lower-case letters, digits and"
            " hyphens that start with a letter."
        )
    instance_types, gpu_count = _instances(group, profile)
    smallest, most, wished = _sizes(group, profile)
    gpu = group.gpu_type is not None
    zone_id = stack_input.reservation_zone_ids.get(group.capacity_reservation_id or "")
    if group.capacity_type == "CAPACITY_BLOCK":
        _check_block(group, instance_types, zone_id)
    # Ours come last: Beta9's pools find their nodes by them.
    ours = {GROUP_LABEL: group.name} | ({GPU_LABEL: group.gpu_type} if group.gpu_type is not None else {})
    return ResolvedGroup(
        name=group.name,
        instance_types=instance_types,
        min_size=smallest,
        max_size=most,
        desired_size=wished,
        disk_gb=group.disk_gb or (_GPU_DISK_GB if gpu else profile.disk_gb),
        ami_type="AL2023_x86_64_NVIDIA" if gpu else "AL2023_x86_64_STANDARD",
        capacity_type=group.capacity_type,
        labels={**group.labels, **ours},
        taints=group.taints,
        capacity_reservation_id=group.capacity_reservation_id,
        gpu_type=group.gpu_type,
        gpu_count=gpu_count,
        zone_id=zone_id,
    )


def _instances(group: NodeGroup, profile: NodeProfile) -> tuple[tuple[str, ...], int]:
    if group.instance_types:
        return group.instance_types, (group.gpu_count or 1) if group.gpu_type else 0
    if group.gpu_type is None:
        return (profile.instance_type,), 0
    name, count = instance_type(group.gpu_type, group.gpu_count)
    return (name,), count


def _sizes(group: NodeGroup, profile: NodeProfile) -> tuple[int, int, int]:
    """What is not said gives way to what is."""
    smallest = group.min_size
    if smallest is None:
        smallest = min(profile.min_size, profile.max_size if group.max_size is None else group.max_size)
    most = max(profile.max_size, smallest) if group.max_size is None else group.max_size
    wished = group.desired_size
    if wished is None:
        wished = max(smallest, min(profile.desired_size, most))
    if not 0 <= smallest <= wished <= most or most < 1:
        raise UnusableGroup(
            f"The node group {group.name!r} cannot have {smallest} to {most} nodes with {wished} at first:"
            " min_size, desired_size and max_size must rise, and max_size be 1 or more."
        )
    return smallest, most, wished


def _check_block(group: NodeGroup, instance_types: tuple[str, ...], zone_id: str | None) -> None:
    if group.capacity_reservation_id is None or zone_id is None:
        raise UnusableGroup(
            f"The node group {group.name!r} is to use a capacity block that AWS does not know of:"
            " set capacity_reservation_id to one that is active in the account and region."
        )
    if len(instance_types) != 1:
        raise UnusableGroup(f"The node group {group.name!r} uses a capacity block: give it one instance type alone.")
