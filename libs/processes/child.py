"""A running child as its owner sees it."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ExitStatus:
    """How a program ended: an exit code, or the number of the signal that ended it."""

    code: int | None
    signal: int | None

    @property
    def ok(self) -> bool:
        return self.code == 0

    def __str__(self) -> str:
        if self.signal is None:
            return f"exit code {self.code}"
        return f"signal {signal.Signals(self.signal).name}"


def exit_status(wait_status: int) -> ExitStatus:
    """An `ExitStatus` of what waitpid gave."""
    code = os.waitstatus_to_exitcode(wait_status)
    return ExitStatus(code, None) if code >= 0 else ExitStatus(None, -code)


class Child:
    """Use it inside `spawn`'s context only.

    Read `stdout_lines()` to its end (or leave the context) before `wait()`: a full pipe stops the child.
    Standard error is read all the time; its last lines are kept.
    """

    def __init__(
        self,
        supervisor: asyncio.subprocess.Process,
        control: int,
        reports: asyncio.StreamReader,
        pid: int,
        *,
        on_stderr: Callable[[str], None] | None,
        stderr_lines: int,
    ) -> None:
        self.pid = pid
        """The program's own pid, which is also its process group."""
        self._supervisor = supervisor
        self._control = control
        self._reports = reports
        self._on_stderr = on_stderr
        self._stderr: deque[str] = deque(maxlen=stderr_lines)
        self._stderr_task = asyncio.create_task(self._read_stderr())
        self._ended = asyncio.create_task(self._await_end())

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """The child's standard input, when `spawn` was asked for one."""
        if self._supervisor.stdin is None:
            raise RuntimeError("the child was started without standard input")
        return self._supervisor.stdin

    async def stdout_lines(self) -> AsyncIterator[str]:
        """Lines of standard output without their end, until end-of-file."""
        assert self._supervisor.stdout is not None
        while line := await self._supervisor.stdout.readline():
            yield line.decode("utf-8", "replace").rstrip("\r\n")

    async def read_line(self) -> str | None:
        """The next line of standard output, or None at end-of-file."""
        assert self._supervisor.stdout is not None
        line = await self._supervisor.stdout.readline()
        return line.decode("utf-8", "replace").rstrip("\r\n") if line else None

    def stderr_tail(self) -> str:
        """The last lines of standard error so far."""
        return "\n".join(self._stderr)

    @property
    def running(self) -> bool:
        return not self._ended.done()

    def interrupt(self) -> None:
        """One SIGINT to the program's own pid, not to its group. Without effect once it has ended."""
        self._ask(b"i")

    def terminate(self) -> None:
        """One SIGTERM to the program's own pid, not to its group. Without effect once it has ended."""
        self._ask(b"t")

    def cut_off(self) -> None:
        """Ends the program and everything that it started, without waiting: whoever reads it comes to its end."""
        self._ask(b"k")

    async def wait(self) -> ExitStatus:
        """Waits until the program has ended, nothing that it started lives, and standard error is read."""
        status = await asyncio.shield(self._ended)
        await asyncio.shield(self._stderr_task)
        return status

    async def kill(self) -> ExitStatus:
        """Ends the program and everything that it started; returns when none of it lives. Idempotent."""
        self._ask(b"k")
        status = await asyncio.shield(self._ended)
        # What nobody read would keep the pipes, and with them the transport, open.
        await asyncio.gather(self._discard_stdout(), asyncio.shield(self._stderr_task))
        return status

    def _ask(self, command: bytes) -> None:
        if self.running:
            with contextlib.suppress(BrokenPipeError):  # it ended just now
                os.write(self._control, command)

    async def _await_end(self) -> ExitStatus:
        status: ExitStatus | None = None
        while line := await self._reports.readline():
            kind, _, value = line.decode().strip().partition(" ")
            if kind == "x":
                status = exit_status(int(value))
        if status is None:
            # The supervisor was killed from outside: do its work as far as the group reaches.
            _kill_group(self.pid)
            status = ExitStatus(None, signal.SIGKILL)
        await self._supervisor.wait()
        return status

    async def _read_stderr(self) -> None:
        assert self._supervisor.stderr is not None
        while True:
            try:
                line = await self._supervisor.stderr.readline()
            except ValueError:  # longer than the limit: that part is dropped, the stream goes on
                continue
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self._stderr.append(text)
            if self._on_stderr is not None:
                self._on_stderr(text)

    async def _discard_stdout(self) -> None:
        assert self._supervisor.stdout is not None
        while await self._supervisor.stdout.read(1 << 16):
            pass


def _kill_group(pgid: int) -> None:
    try:
        os.killpg(pgid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
