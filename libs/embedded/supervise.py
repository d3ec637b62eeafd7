"""Keeps one process running: started, watched, started again when it ends by itself, and ended when asked."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from libs.embedded.failures import PlatformError
from libs.embedded.layout import Layout, write_whole
from libs.embedded.postgres import SHIM
from libs.embedded.specs import Spec

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_LONG_ENOUGH = 30.0
"""A process that ran for so many seconds is not in a crash loop."""

Ready = Callable[[str], Awaitable[bool]]


class Supervised:
    """One process under supervision.

    Its output goes to `log/<name>.log`, its process id to `run/<name>.pid`. It dies with this process, even
    when this one is killed.
    """

    def __init__(
        self,
        spec: Spec,
        layout: Layout,
        *,
        ask: Ready | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec = spec
        self.restarts = 0
        self.log = layout.log / f"{spec.name}.log"
        self._pid_file = layout.run / f"{spec.name}.pid"
        self._ask = ask
        self._changed = changed
        self._log_start = 0
        self._child: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        child = self._child
        return child.pid if child is not None and child.returncode is None else None

    async def start(self) -> None:
        """Start it and keep it running. Does nothing when that is so already."""
        if self._keeper is not None and not self._keeper.done():
            return
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.spec.name}")

    async def wait_ready(self, patience: float) -> None:
        """Return once it answers in its own protocol, or has written its word, or merely runs if it has neither.

        Raises PlatformError when it ends for good or does not answer in `patience` seconds.
        """
        deadline = time.monotonic() + patience
        restarts = self.restarts
        while True:
            running = self.pid is not None
            if running and await self._answers():
                return
            # A crash may be one of its waiting for others; a third one in a row is its own.
            if not running and (self._keeper is None or self._keeper.done() or self.restarts > restarts + 2):
                raise PlatformError(f"{self.spec.name} has ended; {self._log_end()}")
            if time.monotonic() > deadline:
                raise PlatformError(f"{self.spec.name} is not ready after {patience:.0f} s; {self._log_end()}")
            await asyncio.sleep(0.1)

    async def send(self, sign: signal.Signals) -> None:
        """Send it a signal; it is started again if it ends of that. SIGKILL returns when it is gone."""
        child = self._child
        if child is None or child.returncode is not None:
            raise PlatformError(f"{self.spec.name} is not running, so it cannot be sent {sign.name}")
        _signal(child, sign)
        if sign is signal.SIGKILL:
            await child.wait()

    async def run_once(self, patience: float) -> int:
        """Run it to its end, without starting it again, and return its exit code."""
        await self._spawn()
        assert self._child is not None
        try:
            return await asyncio.wait_for(self._child.wait(), patience)
        except TimeoutError:
            raise PlatformError(f"{self.spec.name} did not end within {patience:.0f} s; {self._log_end()}") from None
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End it and keep it ended: the signal it drains on, then SIGKILL when its time is over."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        child = self._child
        if child is not None and child.returncode is None:
            _signal(child, self.spec.end_signal)
            try:
                await asyncio.wait_for(child.wait(), self.spec.patience)
            except TimeoutError:
                self._note(f"did not end in {self.spec.patience:.0f} s of {self.spec.end_signal.name}: killed")
                _signal(child, signal.SIGKILL)
                await child.wait()
        self._pid_file.unlink(missing_ok=True)
        self._changed()

    async def _answers(self) -> bool:
        if self.spec.ready_word is not None:
            with self.log.open("rb") as log:
                log.seek(self._log_start)
                return self.spec.ready_word.encode() in log.read()
        return self.spec.listener is None or self._ask is None or await self._ask(self.spec.listener)

    async def _spawn(self) -> None:
        if self.spec.prepare is not None:
            await self.spec.prepare()
        user = "unprivileged" if self.spec.unprivileged else "-"
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), user, *self.spec.argv),
                env=dict(self.spec.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal is for us alone; we end the others in order.
                start_new_session=True,
            )
        write_whole(self._pid_file, f"{self._child.pid}\n")
        self._changed()

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            assert self._child is not None
            started = time.monotonic()
            code = await self._child.wait()
            self._pid_file.unlink(missing_ok=True)
            self._note(f"ended with {_spoken(code)}")
            self._changed()
            if not self.spec.restart:
                return
            if time.monotonic() - started > _LONG_ENOUGH:
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            self.restarts += 1
            await self._spawn()

    def _note(self, text: str) -> None:
        line = f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} launcher: {self.spec.name} {text}\n"
        with self.log.open("a") as log:
            log.write(line)

    def _log_end(self) -> str:
        return f"see {self.log}, which ends with:\n{tail(self.log)}"


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, indented."""
    if not path.exists():
        return "    (nothing)"
    kept = path.read_text(errors="replace").strip().splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in kept) or "    (nothing)"


def _signal(child: asyncio.subprocess.Process, sign: signal.Signals) -> None:
    try:
        child.send_signal(sign)
    except ProcessLookupError:
        return  # it ended meanwhile


def _spoken(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
