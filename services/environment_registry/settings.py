"""The registry's settings, from environment variables, read once in `__main__`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from libs.hosting import environment_text

ADDRESS = ("ENVIRONMENT_REGISTRY_ADDRESS", "127.0.0.1:50051")

_STAGES = {
    "infra_engine": ("INFRA_ENGINE_ADDRESS", "127.0.0.1:50052"),
    "cluster_bootstrapper": ("CLUSTER_BOOTSTRAPPER_ADDRESS", "127.0.0.1:50053"),
    "state_backend_manager": ("STATE_BACKEND_MANAGER_ADDRESS", "127.0.0.1:50054"),
}


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """What the worker's sweep is told.

    Attributes:
        stages: the address of each stage service: its own *_ADDRESS.
        every: PROVISIONING_SWEEP_SECONDS, how often it looks, default 2.
        overdue_after: PROVISIONING_OVERDUE_SECONDS, silence of an environment after which it is looked at, default 15.
        silent_after: PROVISIONING_SILENT_SECONDS, age of a worker's heartbeat after which its stage is asked again,
            default 30.
    """

    stages: Mapping[str, str]
    every: float
    overdue_after: timedelta
    silent_after: timedelta

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> SweepSettings:
        """Read them from the process's environment."""

        def seconds(name: str, default: str) -> float:
            return float(environment_text(environment, name, default))

        return cls(
            stages={
                service: environment_text(environment, name, default) for service, (name, default) in _STAGES.items()
            },
            every=seconds("PROVISIONING_SWEEP_SECONDS", "2"),
            overdue_after=timedelta(seconds=seconds("PROVISIONING_OVERDUE_SECONDS", "15")),
            silent_after=timedelta(seconds=seconds("PROVISIONING_SILENT_SECONDS", "30")),
        )
