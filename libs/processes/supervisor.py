"""Runs one program and makes sure that nothing of it outlives the process that asked for it.

Started as `python -I -S supervisor.py CONTROL_FD REPORT_FD ORPHAN_GRACE PROGRAM ARGUMENT...`; it imports
nothing of the project so that it starts in milliseconds and stays small.

- To REPORT_FD it writes `s PID` when the program runs, `e ERRNO` when it could not be started,
  `x WAITSTATUS` once it has ended and **nothing that it started lives any more**.
- From CONTROL_FD it reads `i` (SIGINT to the program's own pid), `t` (SIGTERM to it), `k` (end everything
  now), end-of-file (the owner is gone: SIGINT and ORPHAN_GRACE seconds if above zero, then end all).

They are two pipes: on a socket, a command that comes too late makes the kernel drop the report.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress

_PR_SET_CHILD_SUBREAPER = 36


def _become_subreaper() -> None:
    # Orphaned grandchildren come to us instead of init, so that waiting until we have no child left is proof
    # that nothing lives. Where the kernel lacks it, the process group alone is ended.
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _signal_group(pgid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pgid, number)


def _children() -> list[int]:
    """Our direct children by /proc: after a subreaper's adoption these are all orphans as well."""
    me, found = str(os.getpid()), []
    try:
        entries = os.listdir("/proc")
    except OSError:
        return []
    for entry in entries:
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", "rb") as stat:
                    # The command name may hold spaces and brackets: fields are counted from the last one.
                    parent = stat.read().rpartition(b")")[2].split()[1].decode()
            except (OSError, IndexError):
                continue
            if parent == me:
                found.append(int(entry))
    return found


class _Supervised:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None
        self.childless = False

    def reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.childless = True
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.status = status

    def end(self) -> int:
        """Kills whatever is left and returns the program's wait status once nothing lives."""
        while True:
            if self.status is None or not self.childless:
                _signal_group(self.pid, signal.SIGKILL)
            self.reap()
            if self.childless:
                return 0 if self.status is None else self.status
            for pid in _children():
                _signal(pid, signal.SIGKILL)
            time.sleep(0.002)


def _watch(control: int, wakeup: int, child: _Supervised, orphan_grace: float) -> None:
    """Returns when the program has ended, or when it is to be ended."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(wakeup, select.POLLIN)
    deadline: float | None = None
    while True:
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        ready = {fd for fd, _ in poll.poll(timeout)}
        if wakeup in ready:
            os.read(wakeup, 4096)
        child.reap()
        if child.status is not None:
            return
        if deadline is not None and time.monotonic() >= deadline:
            return
        if control in ready:
            try:
                asked = os.read(control, 64)
            except OSError:
                asked = b""
            if b"k" in asked:
                return
            if b"i" in asked:
                _signal(child.pid, signal.SIGINT)
            if b"t" in asked:
                _signal(child.pid, signal.SIGTERM)
            if not asked:
                if orphan_grace <= 0:
                    return
                poll.unregister(control)
                _signal(child.pid, signal.SIGINT)
                deadline = time.monotonic() + orphan_grace


def _tell(report: int, message: str) -> None:
    with suppress(OSError):  # the owner is gone; ending the group is all that is left to do
        os.write(report, message.encode() + b"\n")


def main(arguments: list[str]) -> None:
    control, report, orphan_grace, argv = (
        int(arguments[0]),
        int(arguments[1]),
        float(arguments[2]),
        arguments[3:],
    )
    for fd in (control, report):
        os.set_inheritable(fd, False)
    _become_subreaper()
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # A signal to our whole session or control group must not take away the guard before the guarded.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        pid = os.posix_spawn(
            argv[0],
            argv,
            os.environ,
            setpgroup=0,
            setsigdef=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ),
        )
    except OSError as error:
        _tell(report, f"e {error.errno or 0}")
        return
    _tell(report, f"s {pid}")
    # The pipes must reach end-of-file when the program's group ends, not when we do.
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    child = _Supervised(pid)
    _watch(control, wakeup, child, orphan_grace)
    _tell(report, f"x {child.end()}")


if __name__ == "__main__":
    main(sys.argv[1:])
