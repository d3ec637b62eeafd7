"""The process that a control plane's programs hang under. Run as a script; knows the standard library alone.

It reads one JSON command a line on standard input (`start`, `stop`) and writes one JSON event a line on
standard output (`exited`). End of file on standard input means that the sandbox is gone, however it went:
the whole process group is killed at once. Nothing here is worth a graceful end, since the cloud lives as
long as the sandbox does. Where the kernel can (Linux), a child is also killed when this process itself is.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Children:
    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, command: dict[str, Any]) -> None:
        name = command["name"]
        self.stop(name)
        with open(command["log"], "ab") as log:
            try:
                # This process has one thread and no locks to inherit, so preexec_fn is safe here.
                child = subprocess.Popen(
                    command["argv"],
                    env=command["env"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    preexec_fn=_die_with_parent,
                )
            except OSError as error:
                log.write(f"cannot be started: {error}\n".encode())
                _tell({"event": "exited", "name": name, "code": 127})
                return
        self._running[name] = child

    def stop(self, name: str) -> None:
        child = self._running.pop(name, None)
        if child is not None:
            child.kill()
            child.wait()

    def stop_all(self) -> None:
        """Kill every child, and wait so that none is left for an init process that may not collect it."""
        for child in self._running.values():
            child.kill()
        for child in self._running.values():
            child.wait()

    def reap(self) -> None:
        for name, child in list(self._running.items()):
            code = child.poll()
            if code is not None:
                del self._running[name]
                _tell({"event": "exited", "name": name, "code": code})


def _tell(event: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        os.write(1, (json.dumps(event) + "\n").encode())


def main() -> None:
    """Serve commands until standard input ends, then kill the process group, this process included."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    wake, wake_writer = os.pipe()
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children = _Children()
    buffer = b""
    while True:
        readable, _, _ = select.select([0, wake], [], [])
        if wake in readable:
            os.read(wake, 4096)
            children.reap()
        if 0 in readable:
            chunk = os.read(0, 65536)
            if not chunk:
                break
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                command = json.loads(line)
                if command["do"] == "start":
                    children.start(command)
                else:
                    children.stop(command["name"])
    children.stop_all()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
