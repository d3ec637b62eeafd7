"""Rules of a group of nodes: `cluster.system_nodes`, and each of `cluster.node_groups`.

Whether AWS sells a GPU in such a number, or at all, is the pre-flight's to say: it asks AWS.
"""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.findings import Findings
from services.environment_registry.documents.labels import check_labels, check_taints

GPU_COUNTS = (1, 2, 4, 8)
MOST_NODES = 450
"""EKS's, a group."""

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?")
# The platform's own groups, and Beta9's own pools.
_TAKEN = ("system", "gpu", "default", "build")
_INSTANCE_TYPE = re.compile(r"[a-z][a-z0-9-]{0,19}\.[a-z0-9][a-z0-9-]{0,19}")
# Families with a "g" behind their generation are Graviton's, a1 was the first of them; -gb is Grace's.
_ARM = re.compile(r"(a1|[a-z]+[0-9]+[a-z]*g[a-z]*(-[a-z0-9]+)?|[a-z0-9]+-gb[0-9]+)\..*")
_RESERVATION = re.compile(r"cr-([0-9a-f]{8}|[0-9a-f]{17})")
_MOST_GROUPS = 10
_MOST_TYPES = 20
# Least and most nodes where the document does not say them, as the profiles' comments have it.
_SYSTEM_SIZES = {pb.PROFILE_SMALL: (1, 3), pb.PROFILE_MEDIUM: (2, 6), pb.PROFILE_LARGE: (3, 10)}
_SIZES = (0, 10)


def check_system_nodes(found: Findings, cluster: pb.ClusterSpec, at: str) -> None:
    """Check the group that runs Beta9 itself; its labels and taints are the cluster's."""
    group = cluster.system_nodes
    found.pointless(f"{at}.name", group.name, 'for the system nodes, which are named "system"')
    found.pointless(f"{at}.labels", group.labels, "for the system nodes, which have cluster.node_labels")
    found.pointless(f"{at}.taints", group.taints, "for the system nodes, which have cluster.node_taints")
    found.pointless(f"{at}.gpu_type", group.gpu_type, "for the system nodes, which have no GPU")
    found.pointless(f"{at}.gpu_count", group.HasField("gpu_count"), "for the system nodes, which have no GPU")
    _machines(found, group, at, _SYSTEM_SIZES.get(cluster.profile, _SYSTEM_SIZES[pb.PROFILE_SMALL]))


def check_node_groups(found: Findings, cluster: pb.ClusterSpec, at: str) -> None:
    """Check the further groups."""
    groups = cluster.node_groups
    if not found.counted(at, groups, 0, _MOST_GROUPS, "groups"):
        return
    names = [one.name for one in groups]
    for index, group in enumerate(groups):
        place = f"{at}[{index}]"
        rule = "1 to 20 lower-case letters, digits and hyphens that start with a letter and end with a letter or digit"
        if found.match(f"{place}.name", group.name, _NAME, rule):
            if group.name in _TAKEN:
                found.invalid(f"{place}.name", "Is the name of a group of the platform's own: use another.")
            elif group.name in names[:index]:
                found.invalid(f"{place}.name", "Is the name of a group before it: give each a name of its own.")
        check_labels(found, group.labels, f"{place}.labels")
        check_taints(found, group.taints, f"{place}.taints")
        _gpu(found, group, place)
        _machines(found, group, place, _SIZES)


def check_purchase(found: Findings, message: pb.NodeGroupSpec | pb.WorkersSpec, at: str) -> None:
    """Check how the instances of a group are bought: capacity_type and capacity_reservation_id."""
    reservation, kind = message.capacity_reservation_id, message.capacity_type
    found.enum(f"{at}.capacity_type", kind, pb.CapacityType)
    if reservation:
        rule = 'a capacity reservation\'s id such as "cr-0123456789abcdef0"'
        found.match(f"{at}.capacity_reservation_id", reservation, _RESERVATION, rule)
    if kind == pb.CAPACITY_TYPE_CAPACITY_BLOCK and not reservation:
        found.invalid(f"{at}.capacity_reservation_id", "Is missing: give the id of the capacity block.")
    if kind == pb.CAPACITY_TYPE_SPOT and reservation:
        found.invalid(
            f"{at}.capacity_reservation_id", "Cannot be used by spot instances: leave it out, or buy them on demand."
        )


def _gpu(found: Findings, group: pb.NodeGroupSpec, at: str) -> None:
    found.enum(f"{at}.gpu_type", group.gpu_type, pb.GpuType)
    if not group.HasField("gpu_count"):
        return
    if not group.gpu_type:
        found.pointless(f"{at}.gpu_count", True, "without gpu_type")
    elif group.instance_types:
        found.invalid(f"{at}.gpu_count", "Picks the instance type, and instance_types names it: leave one of them out.")
    elif group.gpu_count not in GPU_COUNTS:
        found.invalid(f"{at}.gpu_count", f"Is {group.gpu_count}: must be 1, 2, 4 or 8.")


def _machines(found: Findings, group: pb.NodeGroupSpec, at: str, defaults: tuple[int, int]) -> None:
    types, place = group.instance_types, f"{at}.instance_types"
    if found.counted(place, types, 0, _MOST_TYPES, "types"):
        found.each(place, types, _INSTANCE_TYPE, 'an EC2 instance type such as "m7i.xlarge"')
        for index, one in enumerate(types):
            if _INSTANCE_TYPE.fullmatch(one) and _ARM.fullmatch(one):
                found.invalid(f"{place}[{index}]", "Is of the architecture arm64: Beta9's images need x86_64.")
    check_purchase(found, group, at)
    if group.capacity_type == pb.CAPACITY_TYPE_CAPACITY_BLOCK and len(types) != 1 and (types or not group.gpu_type):
        found.invalid(place, f"Has {len(types)} types: a capacity block is of one alone, so give that one.")
    if group.HasField("disk_gb"):
        found.within(f"{at}.disk_gb", group.disk_gb, 20, 16384)
    _sizes(found, group, at, *defaults)


def _sizes(found: Findings, group: pb.NodeGroupSpec, at: str, least: int, most: int) -> None:
    """What is not said gives way to what is."""
    given = {name: getattr(group, name) for name in ("min_size", "max_size", "desired_size") if group.HasField(name)}
    low, high, wished = given.get("min_size"), given.get("max_size"), given.get("desired_size")
    legal = low is None or found.within(f"{at}.min_size", low, 0, MOST_NODES)
    legal &= high is None or found.within(f"{at}.max_size", high, 1, MOST_NODES)
    if not legal:
        return
    if low is not None and high is not None and low > high:
        found.invalid(f"{at}.min_size", f"Is {low}, and max_size is {high}: lower it, or raise max_size.")
        return
    low = min(least, most if high is None else high) if low is None else low
    high = max(most, low) if high is None else high
    if wished is not None and not low <= wished <= high:
        found.invalid(f"{at}.desired_size", f"Is {wished}: must be min_size to max_size, {low} to {high}.")
