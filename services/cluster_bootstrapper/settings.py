"""What this service is told beside what every service is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from libs.hosting.settings import environment_number

ADDRESS_VARIABLE = "CLUSTER_BOOTSTRAPPER_ADDRESS"
DEFAULT_ADDRESS = "127.0.0.1:50053"


@dataclass(frozen=True, slots=True)
class BootstrapperSettings:
    """Settings of the worker.

    Attributes:
        charts_dir: PROVISIONING_CHARTS_DIR, a folder of charts that replaces every chart's source; default none.
        helm: PROVISIONING_HELM, the Helm 4 program; default `helm` from PATH.
        node_seconds, gateway_seconds: PROVISIONING_NODE_DEADLINE_SECONDS and PROVISIONING_GATEWAY_DEADLINE_SECONDS,
            how long nodes and the gateway may take; default 900 and 600.
    """

    charts_dir: Path | None
    helm: str
    node_seconds: float
    gateway_seconds: float

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "BootstrapperSettings":
        charts = environment.get("PROVISIONING_CHARTS_DIR", "")
        return cls(
            charts_dir=Path(charts) if charts else None,
            helm=environment.get("PROVISIONING_HELM", "helm"),
            node_seconds=environment_number(environment, "PROVISIONING_NODE_DEADLINE_SECONDS", "900"),
            gateway_seconds=environment_number(environment, "PROVISIONING_GATEWAY_DEADLINE_SECONDS", "600"),
        )
