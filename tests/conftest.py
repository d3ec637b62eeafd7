"""Real servers for the tests that need them: one Postgres and one nats-server a run, a fresh role and schema a test."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from libs.embedded.postgres import SHIM, Postgres

# Files that share a platform; those that kill or cancel have one of their own, so that they run beside the others.
_TOGETHER = {
    "tests/e2e/test_restart.py": "interrupted",
    "tests/e2e/test_supersede.py": "interrupted",
    "tests/e2e/test_failures.py": "whole way",
    "tests/e2e/test_grpcurl.py": "whole way",
    "tests/crash/": "crash",
}
# These take longest, and mostly wait.
_FIRST = (
    "tests/e2e/",
    "tests/integration/infra_engine/test_recovery.py",
    "tests/integration/infra_engine/test_examples.py",
    "tests/crash/",
    "tests/integration/infra_engine/test_final_snapshot.py",
)
_TOOLS = Path(__file__).parent.parent / ".tools" / "bin"


def pytest_configure() -> None:
    """What a shell starts in the background ignores SIGINT, and so would every program that a test interrupts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Where tests run in several processes (make test), no file is split, and a platform is not started twice."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next((scope for start, scope in _TOGETHER.items() if path.startswith(start)), path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that other processes have the machine for the rest while they wait."""
    items.sort(
        key=lambda item: next((n for n, start in enumerate(_FIRST) if item.nodeid.startswith(start)), len(_FIRST))
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows what tests have to tell beside their outcome: their property `told`."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    for report in reports:
        for name, text in getattr(report, "user_properties", ()):
            if name == "told":
                terminalreporter.section(report.nodeid)
                terminalreporter.write_line(text)


def free_port() -> int:
    """A loopback port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tool(name: str) -> str:
    """The path of one of the project's tools; fails with the remedy when it is not installed."""
    path = shutil.which(name, path=f"{_TOOLS}{os.pathsep}{os.environ.get('PATH', '')}")
    if path is None:
        pytest.fail(f"{name} is not installed: run make setup")
    return path


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Polls a condition of the outside world; fails when it does not come to hold."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            pytest.fail(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.02)


def listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # where the run is root's, Postgres is another user's
    server = Postgres(folder / "data", free_port(), secrets.token_hex(8))
    asyncio.run(server.initialize())
    arguments = ["-c", "fsync=off", "-c", "synchronous_commit=off"]
    argv = _as_server_user([*server.argv(), *arguments])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: asyncio.run(server.ready()), "Postgres' start")
        yield server
    finally:
        process.terminate()
        process.wait()


def _as_server_user(argv: list[str]) -> list[str]:
    return [sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), "unprivileged", *argv]


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """The address of an empty schema that only this test's role sees."""
    role, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(8)
    asyncio.run(postgres.provision({role: password}, afresh=False))
    return postgres.url(role, password)


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A nats-server with JetStream and no permissions; streams are shared by the tests of a run."""
    port = free_port()
    store = tmp_path_factory.mktemp("nats")
    argv = [tool("nats-server"), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(store)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: listening(port), "nats-server's start")
        yield f"nats://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
