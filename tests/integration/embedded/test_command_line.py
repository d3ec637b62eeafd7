"""up, status, env and down, as a person types them."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from libs.embedded.ports import free, variable

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
Living = Callable[[], list[str]]


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start a command on a platform of the test's own."""
    ports = {
        variable(listener): str(port) if variable(listener).endswith("_PORT") else f"127.0.0.1:{port}"
        for listener, port in asdict(free()).items()
    }

    def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "libs.embedded", "--state-dir", str(tmp_path / "state"), *arguments],
            cwd=ROOT,
            env={**os.environ, **ports, **variables},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    return start


def _said(process: subprocess.Popen[str], code: int = 0) -> str:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == code, output
    return output


def test_up_and_down(command: Callable[..., subprocess.Popen[str]], tmp_path: Path, living: Living) -> None:
    assert "no platform is running" in _said(command("status"), 1)
    try:
        up = _said(command("up"))
        assert "environment_registry.worker is ready" in up
        assert "beta9ctl env create -f examples/minimal.yaml" in up
        assert "already running" in _said(command("up"), 1)
        status = _said(command("status"))
        assert status.startswith("ready (launcher ")
        assert "not running" not in status
        assert f"export PROVISIONING_SPANS_DIR={tmp_path}/state/spans" in _said(command("env"))

        # A killed launcher takes everything along, and the next one is not misled by what it left.
        account = json.loads((tmp_path / "state" / "run" / "platform.json").read_text())
        os.kill(account["pid"], signal.SIGKILL)
        _said(command("up"))
        status = _said(command("status"))
        assert status.startswith("ready (launcher ")
        assert "not running" not in status
    finally:
        down = _said(command("down"))
    assert "the sandbox's cloud with it" in down
    assert _said(command("down")) == "Nothing is running.\n"
    assert living() == []


def test_an_interrupted_start_leaves_nothing(command: Callable[..., subprocess.Popen[str]], living: Living) -> None:
    up = command("up")
    assert up.stdout is not None
    for line in up.stdout:
        if "bringing the databases up to date" in line:
            break
    up.send_signal(signal.SIGINT)
    assert "interrupted" in _said(up, 130)
    assert living() == []


def test_a_taken_port_is_one_sentence(command: Callable[..., subprocess.Popen[str]], living: Living) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for name in ("up", "demo"):
            said = _said(command(name, INFRA_ENGINE_ADDRESS=f"127.0.0.1:{port}"), 1)
            assert said.splitlines() == [
                f"embedded: port {port}, where infra-engine listens, is taken by another program: stop it, or move "
                "this one by INFRA_ENGINE_ADDRESS, or all of them by PROVISIONING_PORT_OFFSET=1000"
            ]
    assert living() == []
