"""Rules of `cluster`: EKS, or a cluster that is there, and the nodes."""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.findings import Findings
from services.environment_registry.documents.labels import check_labels, check_taints
from services.environment_registry.documents.network import cidr
from services.environment_registry.documents.node_groups import check_node_groups, check_system_nodes

_EXISTING_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_VERSION = re.compile(r"1\.[1-9][0-9]{1,2}")
_MOST_CIDRS = 40
# What only a control plane or a system group of the environment's own could follow.
_OWN_ALONE = (
    "version", "support", "endpoint_access", "public_access_cidrs", "system_nodes", "node_labels", "node_taints",
)  # fmt: skip


def check_cluster(found: Findings, cluster: pb.ClusterSpec, at: str) -> None:
    """Check `cluster`."""
    found.enum(f"{at}.profile", cluster.profile, pb.Profile)
    if cluster.use_existing:
        rule = "the name that EKS shows for the cluster: letters, digits, '-' and '_', 100 at most"
        found.match(f"{at}.existing_cluster_name", cluster.existing_cluster_name, _EXISTING_NAME, rule)
        said = {field.name for field, _ in cluster.ListFields()}
        for field in _OWN_ALONE:
            found.pointless(f"{at}.{field}", field in said, "with use_existing, which changes nothing of the cluster")
    else:
        found.pointless(f"{at}.existing_cluster_name", cluster.existing_cluster_name, "without use_existing")
        _control_plane(found, cluster, at)
        check_labels(found, cluster.node_labels, f"{at}.node_labels")
        check_taints(found, cluster.node_taints, f"{at}.node_taints")
        check_system_nodes(found, cluster, f"{at}.system_nodes")
    check_node_groups(found, cluster, f"{at}.node_groups")


def _control_plane(found: Findings, cluster: pb.ClusterSpec, at: str) -> None:
    if cluster.HasField("version"):
        found.match(f"{at}.version", cluster.version, _VERSION, 'a minor version such as "1.35"')
    found.enum(f"{at}.support", cluster.support, pb.Support)
    found.enum(f"{at}.endpoint_access", cluster.endpoint_access, pb.EndpointAccess)
    ranges, place = cluster.public_access_cidrs, f"{at}.public_access_cidrs"
    if cluster.endpoint_access == pb.ENDPOINT_ACCESS_PRIVATE:
        found.pointless(place, ranges, "with ENDPOINT_ACCESS_PRIVATE, which has no public endpoint")
    elif found.counted(place, ranges, 0, _MOST_CIDRS, "ranges"):
        for index, one in enumerate(ranges):
            if cidr(one) is None:
                rule = 'an IPv4 range with no bits behind its mask, such as "203.0.113.0/24"'
                found.invalid(f"{place}[{index}]", f"Must be {rule}.")
            elif one in ranges[:index]:
                found.invalid(f"{place}[{index}]", "Is there twice: leave it out.")
