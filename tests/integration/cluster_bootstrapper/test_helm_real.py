"""The real Helm on a real API server: installs, what it says when it fails, and what a killed one leaves."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.helm import HelmCli, helm_cli, install_chart
from services.cluster_bootstrapper.ports import ChartInstall, Log
from services.cluster_bootstrapper.waiting import poll

pytestmark = pytest.mark.integration

NAMESPACE = "helm-it"
SECRET = "canary-9f3a"
CONFIG = """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {text: {{ .Values.text | quote }}}
"""
# A pod that the scheduler can never place, so that waiting for it lasts.
NEVER_READY = """apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-slow}
spec:
  replicas: {{ .Values.slow }}
  selector: {matchLabels: {app: slow}}
  template:
    metadata: {labels: {app: slow}}
    spec:
      nodeSelector: {no: where}
      containers: [{name: c, image: x}]
"""


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: little\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("text: none\nslow: 0\n")
    schema = {"type": "object", "properties": {"text": {"type": "string"}, "slow": {"type": "integer"}}}
    (tmp_path / "values.schema.json").write_text(json.dumps({**schema, "additionalProperties": False}))
    (tmp_path / "templates" / "config.yaml").write_text(CONFIG)
    (tmp_path / "templates" / "slow.yaml").write_text(NEVER_READY)
    return tmp_path


@pytest.fixture
async def helm(connection: Any, helm_program: str) -> AsyncIterator[HelmCli]:
    async with helm_cli(connection.cluster, connection.tokens.fresh, helm_program) as cli:
        yield cli


@pytest.fixture
def wanted(chart: Path) -> Callable[..., ChartInstall]:
    def make(release: str, seconds: int = 30, **values: Any) -> ChartInstall:
        return ChartInstall(
            release=release,
            namespace=NAMESPACE,
            chart=str(chart),
            version="",
            repository="",
            values={"text": SECRET, **values},
            secrets=(SECRET,),
            timeout_seconds=seconds,
        )

    return make


async def text_of(connection: Any, release: str) -> str | None:
    found = await connection.kube.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/{release}")
    return None if found is None else str(found["data"]["text"])


async def statuses(helm: HelmCli, release: str) -> list[str]:
    return [entry.status for entry in await helm.history(release, NAMESPACE)]


async def test_an_install_twice_is_one_release_with_literal_values(
    helm: HelmCli, connection: Any, wanted: Any, log: Log, lines: list[str]
) -> None:
    odd = "{{ .Release.Name }} ${x} no: yes # 0777 \u00e9\n"
    await install_chart(helm, wanted("plain", text=odd), log)
    assert await text_of(connection, "plain") == odd
    await install_chart(helm, wanted("plain", text="again"), log)
    assert await text_of(connection, "plain") == "again"
    assert await statuses(helm, "plain") == ["superseded", "deployed"]
    assert any("plain" in line for line in lines)
    await helm.uninstall("plain", NAMESPACE, log)
    await helm.uninstall("plain", NAMESPACE, log)
    assert await helm.history("plain", NAMESPACE) == []
    assert await text_of(connection, "plain") is None


async def test_nothing_secret_is_on_the_command_line_in_files_or_logs(
    helm: HelmCli, wanted: Any, log: Log, lines: list[str]
) -> None:
    running = asyncio.create_task(helm.upgrade(wanted("hush", seconds=5, slow=1), log))
    pid = await helm_pid("hush")
    token = environment_of(pid)["HELM_KUBETOKEN"]
    command, folder = seen_from_outside(pid)
    with pytest.raises(Failure) as caught:
        await running
    written = everything_in(folder)
    for place in (command, written, "\n".join(lines), str(caught.value), str(caught.value.metadata)):
        assert SECRET not in place
        assert token not in place


async def test_values_that_the_chart_does_not_have_are_refused(helm: HelmCli, wanted: Any, log: Log) -> None:
    with pytest.raises(Failure) as caught:
        await install_chart(helm, wanted("wrong", nonsense=1), log)
    assert caught.value.reason == "CHART_VALUES_REJECTED"
    assert "nonsense" in caught.value.message
    assert not caught.value.retryable


async def test_a_chart_that_is_not_there_is_told(helm: HelmCli, wanted: Any, log: Log) -> None:
    gone = ChartInstall(**{**vars(wanted("gone")), "chart": "/nowhere/little"})
    with pytest.raises(Failure, match="CHART_NOT_FOUND"):
        await install_chart(helm, gone, log)


async def test_what_does_not_become_ready_is_named_and_can_be_mended(
    helm: HelmCli, connection: Any, wanted: Any, log: Log
) -> None:
    with pytest.raises(Failure) as caught:
        await install_chart(helm, wanted("slow", seconds=2, slow=1), log)
    assert caught.value.reason == "CHART_NOT_READY"
    assert caught.value.retryable
    assert "slow-slow" in caught.value.message
    assert await statuses(helm, "slow") == ["failed"]
    await install_chart(helm, wanted("slow", text="mended"), log)
    assert await text_of(connection, "slow") == "mended"
    await helm.uninstall("slow", NAMESPACE, log)


async def test_a_killed_install_is_recovered(
    helm: HelmCli, connection: Any, wanted: Any, log: Log, lines: list[str]
) -> None:
    await kill_during(helm, wanted("killed", slow=1), log)
    assert await statuses(helm, "killed") == ["pending-install"]
    await install_chart(helm, wanted("killed", text="after"), log)
    assert await statuses(helm, "killed") == ["deployed"]
    assert await text_of(connection, "killed") == "after"
    assert "release killed was left pending-install: removing it before the install" in lines
    await helm.uninstall("killed", NAMESPACE, log)


async def test_a_killed_upgrade_is_recovered(
    helm: HelmCli, connection: Any, wanted: Any, log: Log, lines: list[str]
) -> None:
    await install_chart(helm, wanted("upgraded", text="before"), log)
    await kill_during(helm, wanted("upgraded", slow=1), log)
    assert await statuses(helm, "upgraded") == ["deployed", "pending-upgrade"]
    await install_chart(helm, wanted("upgraded", text="after"), log)
    assert (await statuses(helm, "upgraded"))[-1] == "deployed"
    assert await text_of(connection, "upgraded") == "after"
    assert "release upgraded was left pending-upgrade: rolling back to revision 1" in lines
    await helm.uninstall("upgraded", NAMESPACE, log)


async def test_a_cancelled_helm_does_not_live_on(helm: HelmCli, wanted: Any, log: Log) -> None:
    running = asyncio.create_task(helm.upgrade(wanted("cancelled", slow=1), log))
    pid = await helm_pid("cancelled")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    async def gone() -> bool | None:
        return not lives(pid) or None

    assert await poll(gone, seconds=5, interval=0.01)
    await install_chart(helm, wanted("cancelled"), log)
    await helm.uninstall("cancelled", NAMESPACE, log)


async def test_a_helm_that_is_not_there_is_told(connection: Any, wanted: Any, log: Log) -> None:
    async with helm_cli(connection.cluster, connection.tokens.fresh, "no-such-helm") as cli:
        with pytest.raises(Failure, match="HELM_UNAVAILABLE"):
            await cli.upgrade(wanted("x"), log)


async def kill_during(helm: HelmCli, install: ChartInstall, log: Log) -> None:
    """Kills Helm while it waits: what it wanted to make is there, and it never says how it ended."""
    running = asyncio.create_task(helm.upgrade(install, log))
    pid = await helm_pid(install.release)

    async def pending() -> bool | None:
        return (await statuses(helm, install.release) or [""])[-1].startswith("pending-") or None

    assert await poll(pending, seconds=20, interval=0.05)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Failure):
        await running


async def helm_pid(release: str) -> int:
    """The process of `helm upgrade RELEASE`, once it runs."""

    async def look() -> int | None:
        return find_helm(release)

    pid = await poll(look, seconds=20, interval=0.01)
    assert pid is not None, "helm was not started"
    return pid


def find_helm(release: str) -> int | None:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/helm") and words[1:3] == [b"upgrade", release.encode()]:
                return int(entry.name)
    return None


def environment_of(pid: int) -> dict[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def seen_from_outside(pid: int) -> tuple[str, Path]:
    """The command line and the folder of a process; nobody else may look into the folder."""
    folder = Path(os.readlink(f"/proc/{pid}/cwd"))
    assert folder.stat().st_mode & 0o077 == 0
    return Path(f"/proc/{pid}/cmdline").read_text(), folder


def everything_in(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return "".join(path.read_text(errors="replace") for path in files)


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
