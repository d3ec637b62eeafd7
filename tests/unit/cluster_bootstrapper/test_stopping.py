"""A cancel in the middle of a Helm command, and of a change that is on its way to the Kubernetes API."""

from __future__ import annotations

import asyncio
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from services.cluster_bootstrapper.cluster import Cluster
from services.cluster_bootstrapper.helm import helm_cli
from services.cluster_bootstrapper.kube_api import KubeApi

# Says that it runs, and marks what it was asked as Helm marks its release.
_HELM = """#!{python}
import pathlib, signal, sys, time
here = pathlib.Path(__file__).parent
def asked(*_):
    (here / "asked").touch()
    time.sleep(0.2)
    (here / "marked").touch()
    sys.exit(1)
signal.signal(signal.SIGTERM, asked)
(here / "runs").touch()
time.sleep(60)
"""


async def _until(path: Path) -> None:
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(path.exists):
            await asyncio.sleep(0.01)


async def test_helm_marks_its_release_before_it_ends(tmp_path: Path) -> None:
    program = tmp_path / "helm"
    program.write_text(_HELM.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    cluster = Cluster(name="c", region="us-east-1", endpoint="https://127.0.0.1:1", ca_pem="")

    async def token() -> str:
        return "token"

    async with helm_cli(cluster, token, str(program)) as helm:
        running = asyncio.create_task(helm.history("release", "namespace"))
        await _until(tmp_path / "runs")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 20)
    assert (tmp_path / "marked").exists(), "it was asked to end and given the time to"


@pytest.mark.parametrize(("verb", "over"), [("PATCH", True), ("GET", False)])
async def test_a_change_on_its_way_is_over_when_the_cancel_is(
    monkeypatch: pytest.MonkeyPatch, verb: str, over: bool
) -> None:
    begun, goes_on, done = threading.Event(), threading.Event(), threading.Event()

    def exchange(self: KubeApi, *_: Any) -> tuple[int, bytes]:
        begun.set()
        goes_on.wait(20)
        done.set()
        return 200, b"{}"

    async def token() -> str:
        return "token"

    monkeypatch.setattr(KubeApi, "_exchange", exchange)
    monkeypatch.setattr("ssl.create_default_context", lambda **_: None)
    api = KubeApi(Cluster(name="c", region="us-east-1", endpoint="https://127.0.0.1:1", ca_pem=""), token)
    sending = asyncio.create_task(api._send(verb, "/api"))
    await asyncio.to_thread(begun.wait, 20)
    sending.cancel()
    finished, _ = await asyncio.wait([sending], timeout=1)
    assert bool(finished) is not over
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert not over or done.is_set()
