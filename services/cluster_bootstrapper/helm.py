"""Helm 4 as a child process, and the way of a release to the wanted state from whatever a crash left.

Values go in through standard input and the cluster's credentials through the child's environment: nothing
secret is ever in a file or on a command line. The folder of a run holds the cluster's public certificate
and Helm's cache.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from libs.failures import Actor, Failure, Kind
from libs.interrupts.whole import to_its_end
from libs.processes import CannotStart, Child, ExecutableNotFound, allowed_environment, spawn
from services.cluster_bootstrapper.cluster import Cluster
from services.cluster_bootstrapper.helm_errors import helm_failure
from services.cluster_bootstrapper.ports import ChartInstall, Helm, Log, ReleaseRevision

# A token lives 14 minutes, so no command may take longer; --timeout is per step, this is for the whole.
COMMAND_SECONDS = 13 * 60
_INTERRUPT_GRACE_SECONDS = 20.0
_HISTORY_KEPT = 5

PENDING_INSTALL = "pending-install"
PENDING = frozenset({PENDING_INSTALL, "pending-upgrade", "pending-rollback"})
_RESTORABLE = frozenset({"deployed", "superseded"})


async def install_chart(helm: Helm, install: ChartInstall, log: Log) -> None:
    """Brings the release to `install` from any state. Idempotent.

    The caller holds the environment's lease, so a `pending-*` release has no living owner: a first install
    that did not end is removed, an upgrade or rollback that did not end goes back to the last revision that
    worked.
    Raises Failure; the release is left as it is then, so that what went wrong can be looked at.
    """
    history = await helm.history(install.release, install.namespace)
    status = history[-1].status if history else ""
    if status in PENDING:
        good = [entry.revision for entry in history if entry.status in _RESTORABLE]
        if status == PENDING_INSTALL or not good:
            await log(f"release {install.release} was left {status}: removing it before the install")
            await helm.uninstall(install.release, install.namespace, log)
        else:
            await log(f"release {install.release} was left {status}: rolling back to revision {good[-1]}")
            await helm.rollback(install.release, install.namespace, good[-1], log)
    elif status == "uninstalling":
        await log(f"release {install.release} was left {status}: finishing that before the install")
        await helm.uninstall(install.release, install.namespace, log)
    await helm.upgrade(install, log)


@asynccontextmanager
async def helm_cli(
    cluster: Cluster, fresh_token: Callable[[], Awaitable[str]], program: str = "helm"
) -> AsyncIterator[HelmCli]:
    """A `Helm` on the real program, with a private folder that is removed at the end.

    `fresh_token` gives a bearer token with its whole life ahead; it is asked once a command.
    """
    with tempfile.TemporaryDirectory(prefix="helm-") as folder:
        ca_file = Path(folder, "ca.pem")
        await asyncio.to_thread(ca_file.write_text, cluster.ca_pem)
        yield HelmCli(cluster, fresh_token, program, Path(folder))


class HelmCli:
    """See `ports.Helm`; made by `helm_cli`."""

    def __init__(
        self,
        cluster: Cluster,
        fresh_token: Callable[[], Awaitable[str]],
        program: str,
        folder: Path,
    ) -> None:
        self._cluster = cluster
        self._fresh_token = fresh_token
        self._program = program
        self._folder = folder

    async def history(self, release: str, namespace: str) -> list[ReleaseRevision]:
        arguments = ["history", release, "--namespace", namespace, "--output", "json"]
        code, out, err = await self._run(arguments, "", None, ())
        if code != 0:
            if "release: not found" in err:
                return []
            raise helm_failure("read the history of", release, "", err)
        return [
            ReleaseRevision(int(item["revision"]), str(item["status"]), str(item.get("chart", "")))
            for item in sorted(json.loads(out), key=lambda entry: int(entry["revision"]))
        ]

    async def upgrade(self, install: ChartInstall, log: Log) -> None:
        arguments = ["upgrade", install.release, install.chart, "--install", "--wait=watcher"]
        arguments += ["--namespace", install.namespace, "--create-namespace", "--values", "-"]
        arguments += ["--timeout", f"{install.timeout_seconds}s", "--history-max", str(_HISTORY_KEPT)]
        # Notes may repeat values, and nobody reads them here.
        arguments += ["--hide-notes", "--reset-values"]
        if not install.check_schema:
            arguments += ["--skip-schema-validation"]
        if install.labels:
            arguments += ["--labels", ",".join(f"{key}={value}" for key, value in install.labels.items())]
        if install.version:
            arguments += ["--version", install.version]
        if install.repository:
            arguments += ["--repo", install.repository]
        # JSON is YAML in which every string is quoted, so that no value can become something else.
        values = json.dumps(install.values)
        code, _, err = await self._run(arguments, values, log, install.secrets)
        if code != 0:
            raise helm_failure("install", install.release, install.chart, err)

    async def rollback(self, release: str, namespace: str, revision: int, log: Log) -> None:
        arguments = ["rollback", release, str(revision), "--namespace", namespace, "--wait=hookOnly"]
        code, _, err = await self._run(arguments, "", log, ())
        if code != 0:
            raise helm_failure("roll back", release, "", err)

    async def uninstall(self, release: str, namespace: str, log: Log) -> None:
        arguments = ["uninstall", release, "--namespace", namespace, "--ignore-not-found"]
        arguments += ["--wait=watcher", "--timeout", "300s"]
        code, _, err = await self._run(arguments, "", log, ())
        if code != 0:
            raise helm_failure("remove", release, "", err)

    async def _run(
        self, arguments: list[str], stdin: str, log: Log | None, secrets: tuple[str, ...]
    ) -> tuple[int, str, str]:
        """Exit code (-1 for a signal), standard output and the end of standard error, without `secrets`."""
        lines: asyncio.Queue[str] = asyncio.Queue()
        out: list[str] = []
        logging = asyncio.create_task(_pass_on(lines, log, secrets))
        try:
            async with spawn(
                [self._program, *arguments],
                env=await self._environment(),
                cwd=self._folder,
                stdin=bool(stdin),
                on_stderr=lines.put_nowait,
            ) as child:
                feeding = asyncio.create_task(_feed(child, stdin))
                try:
                    async with asyncio.timeout(COMMAND_SECONDS):
                        async for line in child.stdout_lines():
                            out.append(line)
                            lines.put_nowait(line)
                        status = await child.wait()
                except asyncio.CancelledError:
                    # Helm marks its release as failed, which the next install goes on from, where one that is killed
                    # leaves it pending.
                    await to_its_end(_stop(child))
                    raise
                except TimeoutError:
                    await _stop(child)
                    err = f"Error: {arguments[0]} took longer than {COMMAND_SECONDS} s: deadline exceeded"
                    return -1, "", err
                finally:
                    feeding.cancel()
                err = _redacted(child.stderr_tail(), secrets)
            await lines.join()
            return -1 if status.code is None else status.code, "\n".join(out), err
        except (ExecutableNotFound, CannotStart) as error:
            raise Failure(
                reason="HELM_UNAVAILABLE",
                message=f"Helm could not be started: {error}",
                kind=Kind.FAILED_PRECONDITION,
                actor=Actor.PLATFORM,
                remedy="Put Helm 4 on the PATH of the bootstrapper's worker.",
            ) from error
        finally:
            logging.cancel()
            with suppress(asyncio.CancelledError):
                await logging

    async def _environment(self) -> dict[str, str]:
        home = str(self._folder)
        return allowed_environment(
            extra={
                "HOME": home,
                "HELM_CACHE_HOME": f"{home}/cache",
                "HELM_CONFIG_HOME": f"{home}/config",
                "HELM_DATA_HOME": f"{home}/data",
                # No kubeconfig of whoever started us may get a say.
                "KUBECONFIG": "/dev/null",
                "HELM_KUBEAPISERVER": self._cluster.endpoint,
                "HELM_KUBECAFILE": f"{home}/ca.pem",
                "HELM_KUBETOKEN": await self._fresh_token(),
            }
        )


async def _pass_on(lines: asyncio.Queue[str], log: Log | None, secrets: tuple[str, ...]) -> None:
    while True:
        line = await lines.get()
        try:
            if log is not None and line.strip():
                await log(_redacted(line, secrets))
        finally:
            lines.task_done()


async def _feed(child: Child, text: str) -> None:
    if not text:
        return
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended before it read everything
        child.stdin.write(text.encode())
        await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()


async def _stop(child: Child) -> None:
    """Lets Helm mark the release as failed before it is ended."""
    child.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(_INTERRUPT_GRACE_SECONDS):
            await child.wait()
    await child.kill()


def _redacted(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return text
