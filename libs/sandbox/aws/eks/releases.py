"""What EKS offers: Kubernetes versions with their support windows, node releases, add-on versions.

Dates are those of the EKS documentation in November 2026; extended support lasts twelve months more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KubernetesRelease:
    """A minor version, with its patch as control plane and nodes run it."""

    version: str
    patch: str
    released: datetime
    end_of_standard: datetime
    end_of_extended: datetime
    platform: int

    @property
    def node_release(self) -> str:
        """AMI release of a node group made today."""
        return f"{self.patch}-20261112"


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text)


RELEASES = {
    release.version: release
    for release in (
        KubernetesRelease("1.32", "1.32.13", _day("2025-01-23"), _day("2026-03-23"), _day("2027-03-23"), 36),
        KubernetesRelease("1.33", "1.33.11", _day("2025-05-29"), _day("2026-07-29"), _day("2027-07-29"), 29),
        KubernetesRelease("1.34", "1.34.7", _day("2025-10-02"), _day("2026-12-02"), _day("2027-12-02"), 21),
        KubernetesRelease("1.35", "1.35.4", _day("2026-01-27"), _day("2027-03-27"), _day("2028-03-27"), 12),
        KubernetesRelease("1.36", "1.36.1", _day("2026-06-02"), _day("2027-08-02"), _day("2028-08-02"), 5),
    )
}
DEFAULT_VERSION = "1.35"

_BUILD = "eksbuild.1"


def _by_version(**versions: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {name.replace("v1_", "1."): found for name, found in versions.items()}


ADDONS: dict[str, dict[str, tuple[str, ...]]] = {
    "vpc-cni": _by_version(
        v1_32=("v1.20.5-eksbuild.1", "v1.21.1-eksbuild.3"),
        v1_33=("v1.20.5-eksbuild.1", "v1.21.1-eksbuild.3"),
        v1_34=("v1.20.5-eksbuild.1", "v1.21.1-eksbuild.3"),
        v1_35=("v1.21.1-eksbuild.3", "v1.22.0-eksbuild.1", "v1.20.5-eksbuild.1"),
        v1_36=("v1.22.0-eksbuild.1", "v1.21.1-eksbuild.3"),
    ),
    "coredns": _by_version(
        v1_32=("v1.11.4-eksbuild.28", "v1.11.4-eksbuild.33"),
        v1_33=("v1.12.4-eksbuild.1", "v1.12.4-eksbuild.6"),
        v1_34=("v1.12.4-eksbuild.1", "v1.13.2-eksbuild.1"),
        v1_35=("v1.13.2-eksbuild.1", "v1.12.4-eksbuild.6"),
        v1_36=("v1.14.1-eksbuild.1", "v1.13.2-eksbuild.1"),
    ),
    "kube-proxy": {
        version: (f"v{release.patch}-{_BUILD}", f"v{version}.0-{_BUILD}") for version, release in RELEASES.items()
    },
    "aws-ebs-csi-driver": {"*": ("v1.57.1-eksbuild.1", "v1.53.0-eksbuild.1")},
    "eks-pod-identity-agent": {"*": ("v1.3.10-eksbuild.2", "v1.3.8-eksbuild.2")},
    "metrics-server": {"*": ("v0.8.1-eksbuild.1", "v0.8.0-eksbuild.2")},
    "eks-node-monitoring-agent": {"*": ("v1.5.1-eksbuild.1", "v1.4.0-eksbuild.2")},
    "aws-efs-csi-driver": {"*": ("v2.3.0-eksbuild.1", "v2.1.11-eksbuild.1")},
    "snapshot-controller": {"*": ("v8.4.0-eksbuild.1", "v8.3.0-eksbuild.1")},
    "amazon-cloudwatch-observability": {"*": ("v4.9.0-eksbuild.1", "v4.4.0-eksbuild.1")},
}
"""Versions of each add-on, the default one first, by Kubernetes version (`*`: every one)."""

SERVICE_ACCOUNT_ADDONS = frozenset(
    {"vpc-cni", "aws-ebs-csi-driver", "aws-efs-csi-driver", "amazon-cloudwatch-observability"}
)
"""Add-ons whose pods call AWS and so take a role."""


def addon_versions(addon: str, kubernetes: str) -> tuple[str, ...]:
    """Versions of an add-on for a Kubernetes version, the default first; empty when there is none."""
    by_version = ADDONS.get(addon, {})
    return by_version.get(kubernetes, by_version.get("*", ()))
