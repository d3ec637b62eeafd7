"""What this service is told beside what every service is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from libs.failures import Actor, Failure, Kind
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
        run_mib: PROVISIONING_RUN_MEMORY_MIB, what must be free before another run begins; default 1024, 0 asks nothing.
        synthesis_idle_seconds: PROVISIONING_SYNTHESIS_IDLE_SECONDS, when an idle synthesis child ends; default 20.
    """

    work_dir: Path
    s3_path_style: bool
    max_retries: int
    stack: str
    stacks: Mapping[str, str]
    synthesis_idle_seconds: float
    run_mib: int = 1024

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "EngineSettings":
        """Raises Failure (SETTING_INVALID), which names the variable."""
        added = [entry.partition("=") for entry in environment.get("PROVISIONING_STACKS", "").split(",") if entry]
        for name, _, reference in added:
            if not name or ":" not in reference:
                raise _invalid(environment, "PROVISIONING_STACKS", "a list of name=module:attribute")
        return cls(
            work_dir=Path(environment.get("PROVISIONING_STATE_DIR", "/var/lib/beta9-provisioning")),
            s3_path_style=_flag(environment, "PROVISIONING_S3_PATH_STYLE"),
            max_retries=int(_number(environment, "PROVISIONING_AWS_MAX_RETRIES", "25")),
            stack=environment.get("PROVISIONING_STACK", "beta9"),
            stacks={**BUILT_IN, **{name: reference for name, _, reference in added}},
            synthesis_idle_seconds=_number(environment, "PROVISIONING_SYNTHESIS_IDLE_SECONDS", "20"),
            run_mib=int(_number(environment, "PROVISIONING_RUN_MEMORY_MIB", "1024")),
        )


def _flag(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "false"
    if text not in ("true", "false"):
        raise _invalid(environment, name, "true or false")
    return text == "true"


def _number(environment: Mapping[str, str], name: str, default: str) -> float:
    try:
        number = float(environment.get(name) or default)
    except ValueError:
        number = -1.0
    # NaN and the infinities are floats and no numbers of seconds or times.
    if not 0 <= number < 1e9:
        raise _invalid(environment, name, "a number of at least 0")
    return number


def _invalid(environment: Mapping[str, str], name: str, wanted: str) -> Failure:
    return Failure(
        "SETTING_INVALID",
        f"The environment variable {name} is {environment.get(name)!r}, which is not {wanted}.",
        kind=Kind.INVALID_ARGUMENT,
        actor=Actor.PLATFORM,
        remedy="Correct it, or leave it out; docs/settings.md says what it holds.",
    )
