"""What a process finds in its environment, and what it does not."""

from pathlib import Path

from libs.embedded import specs
from libs.embedded.layout import SERVICES, Layout
from libs.embedded.ports import Ports

_PASSWORDS = {name: f"pw-{name}" for name in (*SERVICES, *(f"postgres.{service}" for service in SERVICES))}


def _worker(environment: dict[str, str]) -> specs.Spec:
    return specs.service("infra_engine", "worker", Layout(Path("/s")), Ports(), environment, _PASSWORDS)


def test_a_service_gets_its_own_credentials_and_everyones_address() -> None:
    worker = _worker({})
    assert worker.argv[-3:] == ("-m", "services.infra_engine", "worker")
    assert worker.environment["PROVISIONING_POSTGRES_URL"] == (
        "postgresql+asyncpg://infra_engine:pw-postgres.infra_engine@127.0.0.1:15432/provisioning"
    )
    assert worker.environment["PROVISIONING_NATS_URL"] == "nats://infra_engine:pw-infra_engine@127.0.0.1:4222"
    assert worker.environment["STATE_BACKEND_MANAGER_ADDRESS"] == "127.0.0.1:50054"
    assert not any("pw-environment_registry" in value for value in worker.environment.values())


def test_the_callers_environment_does_not_leak() -> None:
    outside = {
        "PATH": "/usr/bin",
        "HOME": "/home/me",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
        "AWS_SECRET_ACCESS_KEY": "mine",
        "GITHUB_TOKEN": "mine",
    }
    base = specs.base_environment(outside)
    assert base["PATH"].endswith(":/usr/bin")
    assert base["PATH"].startswith(str(specs.TOOLS))
    assert base["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert "GITHUB_TOKEN" not in base
    assert "AWS_SECRET_ACCESS_KEY" not in base


def test_the_users_own_aws_account_has_no_say_in_the_sandbox() -> None:
    outside = {"AWS_PROFILE": "production", "AWS_SECRET_ACCESS_KEY": "mine"}
    inside = specs.aws_environment(outside, "http://127.0.0.1:14566", {"AWS_SECRET_ACCESS_KEY": "sandbox"})
    assert inside["AWS_SECRET_ACCESS_KEY"] == "sandbox"
    assert inside["AWS_ENDPOINT_URL"] == "http://127.0.0.1:14566"
    assert inside["AWS_CONFIG_FILE"] == inside["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert "AWS_PROFILE" not in inside
    assert specs.aws_environment(outside, None, {}) == outside


def test_a_worker_has_its_time_to_drain() -> None:
    assert _worker({}).patience > 20
    assert _worker({"PROVISIONING_DRAIN_SECONDS": "60"}).patience > 60


def test_a_worker_that_does_not_log_is_not_waited_for() -> None:
    assert _worker({}).ready_word == "infra-engine worker is ready"
    assert _worker({"PROVISIONING_LOG_LEVEL": "ERROR"}).ready_word is None
