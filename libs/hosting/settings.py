"""Settings that every service has, from environment variables, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from libs.aws_access.budget import DEFAULT_RATE
from libs.failures import Actor, Failure, Kind


def environment_text(environment: Mapping[str, str], name: str, default: str | None = None) -> str:
    """The variable's text, or the default. Raises Failure (SETTING_MISSING) when it has none."""
    value = environment.get(name, "") or default
    if value is None:
        raise Failure(
            "SETTING_MISSING",
            f"The environment variable {name} is not set.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.PLATFORM,
            remedy="Set it; docs/settings.md says what it holds.",
        )
    return value


def environment_number(
    environment: Mapping[str, str], name: str, default: str, *, least: float = 1, most: float = 1e9
) -> float:
    """The variable's number, from `least` to `most`, or the default. Raises Failure (SETTING_INVALID)."""
    text = environment_text(environment, name, default)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    # NaN and the infinities are floats and no durations.
    if not least <= number <= most:
        raise Failure(
            "SETTING_INVALID",
            f"The environment variable {name} is {text!r}, which is not a number from {least:g} to {most:g}.",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.PLATFORM,
            remedy="Correct it, or leave it out; docs/settings.md says what it holds.",
        )
    return number


@dataclass(frozen=True, slots=True)
class Settings:
    """What every service is told.

    Attributes:
        postgres_url: PROVISIONING_POSTGRES_URL, `postgresql+asyncpg://role:password@host:port/database`.
        nats_url: PROVISIONING_NATS_URL, `nats://user:password@host:port`.
        address: the service's own *_ADDRESS, where `api` listens.
        spans_dir: PROVISIONING_SPANS_DIR, a folder for spans as JSON lines; None writes none.
        otlp: whether OTEL_EXPORTER_OTLP_ENDPOINT (or its traces form) is set.
        lease_seconds: PROVISIONING_LEASE_SECONDS, default 15; 1 to 300, which is what the state manager grants.
        drain_seconds: PROVISIONING_DRAIN_SECONDS, how long SIGTERM lets running work go on, default 20.
        concurrency: PROVISIONING_WORKER_CONCURRENCY, attempts that a worker runs at once, default 4.
        account_runs: PROVISIONING_ACCOUNT_RUNS, runs at once of one AWS account in all workers of a service, default 4;
            0 is no limit.
        runs: PROVISIONING_RUNS, runs at once in all workers of a service, default 0: no limit.
        aws_calls_per_second: PROVISIONING_AWS_CALLS_PER_SECOND, the process's own calls in one account, default 20.
        log_level: PROVISIONING_LOG_LEVEL, default INFO.
    """

    postgres_url: str
    nats_url: str
    address: str
    spans_dir: Path | None
    otlp: bool
    lease_seconds: float
    drain_seconds: float
    concurrency: int
    account_runs: int
    runs: int
    aws_calls_per_second: float
    log_level: str

    @classmethod
    def read(
        cls, address_variable: str, default_address: str, environment: Mapping[str, str] = os.environ
    ) -> "Settings":
        spans = environment.get("PROVISIONING_SPANS_DIR", "")
        return cls(
            postgres_url=environment_text(environment, "PROVISIONING_POSTGRES_URL"),
            nats_url=environment_text(environment, "PROVISIONING_NATS_URL", "nats://127.0.0.1:4222"),
            address=environment_text(environment, address_variable, default_address),
            spans_dir=Path(spans) if spans else None,
            otlp=any(
                environment.get(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            ),
            lease_seconds=environment_number(environment, "PROVISIONING_LEASE_SECONDS", "15", most=300),
            drain_seconds=environment_number(environment, "PROVISIONING_DRAIN_SECONDS", "20", least=0),
            concurrency=int(environment_number(environment, "PROVISIONING_WORKER_CONCURRENCY", "4")),
            account_runs=int(environment_number(environment, "PROVISIONING_ACCOUNT_RUNS", "4", least=0)),
            runs=int(environment_number(environment, "PROVISIONING_RUNS", "0", least=0)),
            aws_calls_per_second=environment_number(
                environment, "PROVISIONING_AWS_CALLS_PER_SECOND", f"{DEFAULT_RATE:g}", least=0.1, most=10_000
            ),
            log_level=environment_text(environment, "PROVISIONING_LOG_LEVEL", "INFO"),
        )
