"""The supervisor with real children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from libs.sandbox.kubernetes.supervision import Supervisor

_REPOSITORY = Path(__file__).resolve().parents[3]


def _until(holds, within_s=5.0):
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _alive(pid):
    """Whether the process runs; one that ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def supervisor(tmp_path):
    made = Supervisor(tmp_path)
    yield made
    made.close()


def _announce(supervisor, name):
    """Start a child that says its process id, and give that."""
    supervisor.start(name, ["sh", "-c", "echo $$; exec sleep 600"])
    _until(lambda: supervisor.last_lines(name).strip().isdigit())
    return int(supervisor.last_lines(name))


def test_it_tells_how_a_child_ended_and_what_it_said(supervisor):
    supervisor.start("fails", ["sh", "-c", "echo said; exit 3"])
    _until(lambda: supervisor.exit_code("fails") == 3)
    assert supervisor.last_lines("fails") == "said"
    supervisor.start("absent", ["/no/such/program"])
    _until(lambda: supervisor.exit_code("absent") == 127)
    assert "cannot be started" in supervisor.last_lines("absent")


def test_a_name_holds_one_child_and_stop_kills_it(supervisor):
    first = _announce(supervisor, "one")
    supervisor.log_file("one").unlink()
    second = _announce(supervisor, "one")
    assert not _alive(first)
    supervisor.stop("one")
    _until(lambda: not _alive(second))
    assert supervisor.exit_code("one") is None
    supervisor.stop("none")


def test_close_leaves_nothing_and_may_be_repeated(tmp_path):
    supervisor = Supervisor(tmp_path)
    child = _announce(supervisor, "one")
    supervisor.close()
    assert not _alive(child)
    assert supervisor.exit_code("one") == -signal.SIGKILL
    supervisor.close()
    supervisor.start("late", ["sleep", "600"])


@pytest.mark.parametrize("victim", ["sandbox", "supervisor"])
def test_children_end_with_whoever_is_killed(tmp_path, victim):
    script = (
        "import sys, time; from pathlib import Path; from libs.sandbox.kubernetes.supervision import Supervisor\n"
        "s = Supervisor(Path(sys.argv[1])); s.start('one', ['sh', '-c', 'echo $$; exec sleep 600'])\n"
        "print(s.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as parent:
        supervisor_pid = int(parent.stdout.readline())
        log = tmp_path / "one.log"
        _until(lambda: log.exists() and log.read_text().strip().isdigit())
        child = int(log.read_text())
        os.kill(parent.pid if victim == "sandbox" else supervisor_pid, signal.SIGKILL)
        _until(lambda: not _alive(child) and not _alive(supervisor_pid))
        parent.kill()
