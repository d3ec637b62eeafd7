"""What this service is told beside what every service is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.infra_engine.stacks.definition import BUILT_IN

ADDRESS_VARIABLE = "INFRA_ENGINE_ADDRESS"
DEFAULT_ADDRESS = "127.0.0.1:50052"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of the worker.

    Attributes:
        work_dir: PROVISIONING_STATE_DIR, a durable folder for work folders; default `/var/lib/beta9-provisioning`.
        s3_path_style: PROVISIONING_S3_PATH_STYLE, whether buckets are addressed by path; default false.
        max_retries: PROVISIONING_AWS_MAX_RETRIES, how often the provider tries a call; default 25, its own.
        stack: PROVISIONING_STACK, the stack to build; default `beta9`.
        stacks: PROVISIONING_STACKS adds stacks, as `name=module:attribute`, separated by commas.
        synthesis_idle_seconds: PROVISIONING_SYNTHESIS_IDLE_SECONDS, when an idle synthesis child ends; default 20.
    """

    work_dir: Path
    s3_path_style: bool
    max_retries: int
    stack: str
    stacks: Mapping[str, str]
    synthesis_idle_seconds: float

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "EngineSettings":
        added = [entry.partition("=") for entry in environment.get("PROVISIONING_STACKS", "").split(",") if entry]
        return cls(
            work_dir=Path(environment.get("PROVISIONING_STATE_DIR", "/var/lib/beta9-provisioning")),
            s3_path_style=environment.get("PROVISIONING_S3_PATH_STYLE", "false") == "true",
            max_retries=int(environment.get("PROVISIONING_AWS_MAX_RETRIES", "25")),
            stack=environment.get("PROVISIONING_STACK", "beta9"),
            stacks={**BUILT_IN, **{name: reference for name, _, reference in added}},
            synthesis_idle_seconds=float(environment.get("PROVISIONING_SYNTHESIS_IDLE_SECONDS", "20")),
        )
