"""What EKS takes for a node group's version, size and taints."""

from __future__ import annotations

from collections.abc import Iterable

from libs.sandbox.aws.eks.failures import InvalidParameter
from libs.sandbox.aws.eks.models import Cluster, View
from libs.sandbox.aws.eks.releases import RELEASES

EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
"""Kubernetes' spelling of a taint's effect by EKS' own."""


def check_version(cluster: Cluster, version: str, release: str | None) -> None:
    """The version is one that EKS has and no newer than the cluster's; the release is one of that version."""
    if version not in RELEASES:
        raise InvalidParameter("Requested Nodegroup version is not supported")
    if int(version.split(".")[1]) > int(cluster.version.split(".")[1]):
        raise InvalidParameter(f"Requested nodegroup version {version} is newer than the cluster's {cluster.version}")
    if release and not release.startswith(f"{version}."):
        raise InvalidParameter(f"Requested release version {release} is not valid for kubernetes version {version}.")


def check_taints(taints: Iterable[View]) -> None:
    """Effects in EKS' spelling, each key and effect once."""
    seen = set()
    for taint in taints:
        if taint.get("effect") not in EFFECTS:
            raise InvalidParameter(f"The taint effect {taint.get('effect')} is not one of {', '.join(EFFECTS)}")
        pair = (taint.get("key"), taint["effect"])
        if pair in seen:
            raise InvalidParameter(f"Duplicate taint {pair[0]}:{pair[1]}")
        seen.add(pair)


def scaling(before: View, given: View) -> View:
    """The sizes after a call; refused unless min <= desired <= max and max is at least one."""
    after = before | {key: value for key, value in given.items() if value is not None}
    least, most, desired = (int(after[key]) for key in ("minSize", "maxSize", "desiredSize"))
    if most < 1:
        raise InvalidParameter("maxSize must be at least 1")
    if least > desired:
        raise InvalidParameter(f"Minimum capacity {least} can't be greater than desired size {desired}")
    if desired > most:
        raise InvalidParameter(f"Desired capacity {desired} can't be greater than max size {most}")
    return after
