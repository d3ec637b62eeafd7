"""The sandbox's hold on a supervisor: start and stop programs by name, and learn which of them ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_SCRIPT = Path(__file__).with_name("supervisor.py")


class Supervisor:
    """One supervisor process with the programs under it. They all end when this process does, whatever ends
    it.

    Thread-safe. `close` may be repeated.
    """

    def __init__(self, log_dir: Path) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self._log_dir = log_dir
        self._lock = threading.Lock()
        self._exited: dict[str, int] = {}
        # -I -S: no site packages, so that a supervisor costs some 8 MB and 20 ms.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read_events, daemon=True, name="supervisor-events")
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id of the supervisor, which is its process group's too."""
        return self._process.pid

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start `argv` under `name`, in place of what runs under it. Its output is appended to
        `<name>.log`."""
        with self._lock:
            self._exited.pop(name, None)
        self._send(
            {
                "do": "start",
                "name": name,
                "argv": list(argv),
                "env": dict(os.environ if env is None else env),
                "log": str(self.log_file(name)),
            }
        )

    def stop(self, name: str) -> None:
        """Kill what runs under `name`; nothing happens when nothing does."""
        self._send({"do": "stop", "name": name})

    def exit_code(self, name: str) -> int | None:
        """Exit code of a program that ended by itself or with the supervisor, None while it runs."""
        if self._process.poll() is not None:
            return -signal.SIGKILL
        with self._lock:
            return self._exited.get(name)

    def log_file(self, name: str) -> Path:
        """Where the output of `name` goes."""
        return self._log_dir / f"{name}.log"

    def last_lines(self, name: str, count: int = 5) -> str:
        """The end of a program's output, for an error message."""
        try:
            return "\n".join(self.log_file(name).read_text(errors="replace").splitlines()[-count:])
        except FileNotFoundError:
            return ""

    def close(self) -> None:
        """Kill everything under the supervisor and wait until it is gone."""
        with self._lock, contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _send(self, command: dict[str, object]) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            # A closed pipe means that the supervisor is gone, and its children with it.
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            with self._lock:
                self._exited[event["name"]] = event["code"]
