"""Programs that setup runs leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.setup import commands
from scripts.setup.progress import SetupError, Step


def test_the_output_of_a_failure_is_shown() -> None:
    with pytest.raises(SetupError, match=r"'sh' failed with exit code 7:\n +no room"):
        commands.run(["/bin/sh", "-c", "echo no room >&2; exit 7"], Step("x"))


def test_an_interrupt_ends_the_whole_group(tmp_path: Path) -> None:
    """As Ctrl-C does: the interrupted setup takes the compiler and the compiler's own children along."""
    pid_file = tmp_path / "pid"
    script = (
        "from scripts.setup import commands; from scripts.setup.progress import Step\n"
        f"commands.run(['/bin/sh', '-c', 'sleep 600 & echo $! > {pid_file}; wait'], Step('x'))"
    )
    setup = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while not (pid_file.exists() and pid_file.read_text().strip()):
        assert setup.poll() is None
    grandchild = int(pid_file.read_text())
    setup.send_signal(signal.SIGINT)
    setup.wait(10)
    assert not _alive(grandchild)


def test_a_second_interrupt_does_not_spare_what_does_not_listen(tmp_path: Path) -> None:
    pid_file, told = tmp_path / "pid", tmp_path / "told"
    stubborn = f"trap 'touch {told}' TERM; echo $$ > {pid_file}; while :; do sleep 0.05; done"
    script = (
        "from scripts.setup import commands; from scripts.setup.progress import Step\n"
        f"commands._PATIENCE = 1.0; commands.run(['/bin/sh', '-c', {stubborn!r}], Step('x'))"
    )
    setup = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    try:
        for sign in (pid_file, told):
            while not (sign.exists() and (sign == told or sign.read_text().strip())):
                assert setup.poll() is None
                time.sleep(0.01)
            setup.send_signal(signal.SIGINT)
        setup.wait(10)
    finally:
        setup.kill()
    assert not _alive(int(pid_file.read_text()))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z" and os.path.exists(f"/proc/{pid}")


def test_a_question_that_cannot_be_asked_has_no_answer(tmp_path: Path) -> None:
    assert commands.capture([tmp_path / "absent", "--version"]) == ""
    assert commands.capture(["/bin/sh", "-c", "echo 1.2.3; exit 1"]) == ""
    assert commands.capture(["/bin/sh", "-c", "sleep 60"], timeout=0.05) == ""
