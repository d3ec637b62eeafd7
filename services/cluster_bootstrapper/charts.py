"""Every chart that is installed: its pin, where it comes from, where it goes. The one place to change a pin.

`source` is the real chart's place: an OCI reference, or the name of a chart in the HTTP `repository`. A
folder of charts (`<folder>/<name>/`) can replace all sources, for an installation without a network.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.ports import ChartInstall


@dataclass(frozen=True)
class Chart:
    """A pinned chart and the one release of it in a cluster."""

    name: str
    version: str
    source: str
    repository: str
    release: str
    namespace: str
    timeout_seconds: int = 600
    schema_is_whole: bool = True


# F5's controller (app 5.5.4): kubernetes/ingress-nginx was retired in March 2026.
NGINX_INGRESS = Chart(
    name="nginx-ingress",
    version="2.6.4",
    source="oci://ghcr.io/nginx/charts/nginx-ingress",
    repository="",
    release="nginx-ingress",
    namespace="nginx-ingress",
    # Its schema refers to files on GitHub, so an install would depend on a third place; our values are constants.
    schema_is_whole=False,
)
CERT_MANAGER = Chart(
    name="cert-manager",
    version="v1.21.1",
    source="oci://quay.io/jetstack/charts/cert-manager",
    repository="",
    release="cert-manager",
    namespace="cert-manager",
)
METRICS_SERVER = Chart(
    name="metrics-server",
    version="3.13.1",
    source="metrics-server",
    repository="https://kubernetes-sigs.github.io/metrics-server/",
    release="metrics-server",
    namespace="kube-system",
)
NVIDIA_DEVICE_PLUGIN = Chart(
    name="nvidia-device-plugin",
    version="0.20.0",
    source="nvidia-device-plugin",
    repository="https://nvidia.github.io/k8s-device-plugin",
    release="nvidia-device-plugin",
    namespace="nvidia-device-plugin",
)
# The chart's version is the gateway's.
BETA9 = Chart(
    name="beta9-chart",
    version="0.1.762",
    source="oci://public.ecr.aws/n4e0e1y0/beta9-chart",
    repository="",
    release="beta9",
    namespace="beta9",
)
# The worker's image has a series of its own: gateway version -> worker version.
BETA9_WORKERS = {"0.1.762": "0.1.729"}

BASELINE = (NGINX_INGRESS, CERT_MANAGER, METRICS_SERVER, NVIDIA_DEVICE_PLUGIN)
"""In the order of installation; they do not depend on each other. The last one is for environments with GPUs."""


def chart_install(
    chart: Chart,
    values: Mapping[str, Any],
    *,
    secrets: Iterable[str] = (),
    charts_dir: Path | None = None,
    version: str = "",
    labels: Mapping[str, str] | None = None,
) -> ChartInstall:
    """The install of `chart` with `values`. `version` overrides the pin of a chart that comes from its
    source; `labels` go on Helm's record of the release.

    Raises Failure `CHART_NOT_FOUND` when `charts_dir` is given and does not hold the chart.
    """
    common: dict[str, Any] = {
        "release": chart.release,
        "namespace": chart.namespace,
        "values": values,
        "secrets": tuple(secrets),
        "timeout_seconds": chart.timeout_seconds,
        "labels": dict(labels or {}),
    }
    if charts_dir is None:
        return ChartInstall(
            chart=chart.source,
            version=version or chart.version,
            repository=chart.repository,
            check_schema=chart.schema_is_whole,
            **common,
        )
    folder = charts_dir / chart.name
    if not _is_file(folder / "Chart.yaml"):
        raise chart_not_found(chart.name, str(folder))
    return ChartInstall(chart=os.path.abspath(folder), version="", repository="", **common)


@dataclass(frozen=True)
class Beta9Release:
    """The image tags of one version of Beta9; the gateway's is the chart's version too."""

    gateway: str
    worker: str


def beta9_release(version: str) -> Beta9Release:
    """The release that the document's `version` names; `latest` is the pin. Raises Failure `BETA9_VERSION_UNKNOWN`."""
    gateway = BETA9.version if version in ("", "latest") else version
    if gateway not in BETA9_WORKERS:
        raise Failure(
            reason="BETA9_VERSION_UNKNOWN",
            message=f"Version {version!r} of Beta9 is not one that this platform installs.",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.CUSTOMER,
            remedy=f"Set beta9.version to latest or one of: {', '.join(sorted(BETA9_WORKERS))}.",
            resource_address="beta9.version",
        )
    return Beta9Release(gateway=gateway, worker=BETA9_WORKERS[gateway])


def chart_not_found(name: str, source: str, private: str = "") -> Failure:
    """The failure for a chart that its source does not have."""
    return Failure(
        reason="CHART_NOT_FOUND",
        message=f"The Helm chart {name} was not found at {source}.",
        kind=Kind.NOT_FOUND,
        retryable=False,
        actor=Actor.PLATFORM,
        remedy="Put the chart there, or correct its pin and source, then retry the environment.",
        resource_address=f"helm/{name}",
        metadata={"chart": name, "source": source},
        private=private,
    )


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
