"""The processes of a platform while it runs: looked at, interrupted, started again, and ended in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path

from libs.embedded.failures import PlatformError
from libs.embedded.layout import Layout
from libs.embedded.specs import Spec
from libs.embedded.supervise import Supervised

PATIENCE = 60.0
"""Seconds that one process may take until it is ready, on a busy machine."""


class Processes:
    """Those of one platform by name: postgres, nats-server, sandbox, <service>.<room>.

    Args:
        layout: where their logs and data are.
        changed: called whenever one was started or has ended.
        tell: takes lines for whoever waits for the start.
    """

    def __init__(self, layout: Layout, *, changed: Callable[[], None], tell: Callable[[str], None]) -> None:
        self._layout = layout
        self._changed = changed
        self._tell = tell
        self._supervised: dict[str, Supervised] = {}

    @property
    def processes(self) -> dict[str, int | None]:
        """Process id, None while it is down, by name: postgres, nats-server, sandbox, <service>.<room>."""
        return {name: process.pid for name, process in self._supervised.items()}

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self._named(name).log

    def restarts(self, name: str) -> int:
        """How often a process was started again because it had ended by itself."""
        return self._named(name).restarts

    async def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a process; it is started again if it ends of that. After SIGKILL it is gone."""
        await self._named(name).send(sign)

    async def stop(self, name: str) -> None:
        """End a process in order and keep it ended until `start`."""
        await self._named(name).stop()

    async def start(self, name: str) -> None:
        """Start a process that `stop` ended, and wait until it is ready."""
        await self._named(name).start()
        await self.wait_ready(name)

    async def restart(self, name: str) -> None:
        """`stop`, then `start`."""
        await self.stop(name)
        await self.start(name)

    async def wait_ready(self, name: str, patience: float = PATIENCE) -> None:
        """Wait until a process answers (again)."""
        await self._named(name).wait_ready(patience)

    async def start_together(self, wanted: list[Spec], ask: Callable[[str], Awaitable[bool]]) -> None:
        """Start processes at once, and wait until each is ready: `ask` answers whether a listener is."""
        for spec in wanted:
            self._supervised[spec.name] = Supervised(spec, self._layout, ask=ask, changed=self._changed)
            await self._supervised[spec.name].start()
        await together([self._become_ready(spec.name) for spec in wanted])

    async def stop_all(self) -> None:
        """End all in order."""
        order = list(self._supervised.values())
        services = [process for process in order if "." in process.spec.name]
        # Services first, while what they need still answers; then the rest.
        for group in (services, [process for process in order if process not in services]):
            await asyncio.gather(*(process.stop() for process in group))

    @property
    def accounts(self) -> dict[str, dict[str, object]]:
        """What is written down of each for whoever looks from outside."""
        return {
            name: {"pid": process.pid, "restarts": process.restarts, "log": str(process.log)}
            for name, process in self._supervised.items()
        }

    async def _become_ready(self, name: str) -> None:
        await self.wait_ready(name)
        self._tell(f"  {name} is ready")

    def _named(self, name: str) -> Supervised:
        try:
            return self._supervised[name]
        except KeyError:
            raise PlatformError(f"no process is called {name}; there are {', '.join(self._supervised)}") from None


async def together(work: Sequence[Coroutine[None, None, None]]) -> None:
    """All at once; the first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in work:
                group.create_task(part)
    except* PlatformError as failures:
        first = failures.exceptions[0]
        raise first from None
