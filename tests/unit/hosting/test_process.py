"""What a service's process says when it cannot start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from libs.failures import Failure
from libs.hosting import Settings

_ROOT = Path(__file__).parents[3]


def test_a_missing_setting_is_one_sentence_with_its_remedy() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROVISIONING_")}
    command = [sys.executable, "-m", "services.state_backend_manager", "api"]
    ended = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "The environment variable PROVISIONING_POSTGRES_URL is not set. Set it; docs/settings.md says what it holds."
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PROVISIONING_LEASE_SECONDS", "soon"),
        ("PROVISIONING_DRAIN_SECONDS", "soon"),
        ("PROVISIONING_WORKER_CONCURRENCY", "soon"),
        ("PROVISIONING_AWS_CALLS_PER_SECOND", "soon"),
        ("PROVISIONING_AWS_CALLS_PER_SECOND", "0"),
    ],
)
def test_a_setting_that_is_no_number_of_its_kind_names_itself(variable: str, value: str) -> None:
    with pytest.raises(Failure) as caught:
        Settings.read("X_ADDRESS", "127.0.0.1:1", {"PROVISIONING_POSTGRES_URL": "u", variable: value})
    assert caught.value.reason == "SETTING_INVALID"
    assert variable in caught.value.message and caught.value.remedy


@pytest.mark.parametrize("package", ["alembic", "aiohttp"])
def test_what_takes_long_to_load_and_few_processes_need_is_left_out_of_their_start(package: str) -> None:
    code = f"import sys, services.infra_engine.__main__; assert {package!r} not in sys.modules; import {package}"
    assert subprocess.run([sys.executable, "-c", code], cwd=_ROOT).returncode == 0
