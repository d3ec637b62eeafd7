"""What the AWS side shares while it runs: one lock, the control planes, and real-looking waits.

moto keeps its state in module globals and takes no locks, while Terraform asks ten things at once. Every
request therefore runs under `Runtime.lock`; what takes long runs in `background` and takes the lock only
to write down what came of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from libs.sandbox.aws.eks.control_planes import ControlPlanes

log = logging.getLogger(__name__)

REAL_SECONDS = {
    "eks:cluster": 540.0,
    "eks:cluster-delete": 120.0,
    "eks:cluster-update": 300.0,
    "eks:nodegroup": 120.0,
    "eks:nodegroup-delete": 180.0,
    "eks:addon": 30.0,
    "rds:instance": 720.0,
    "rds:instance-update": 300.0,
    "rds:instance-delete": 240.0,
    "elasticache:replication-group": 480.0,
    "elasticache:replication-group-update": 300.0,
    "elasticache:replication-group-delete": 300.0,
}
"""How long AWS takes, by what is waited for."""


@dataclass
class Runtime:
    """The running sandbox, as the mended backends see it."""

    control_planes: ControlPlanes
    waits_factor: float | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    stopping: threading.Event = field(default_factory=threading.Event)

    def wait_seconds(self, what: str) -> float:
        """Seconds that `what` (a key of `REAL_SECONDS`) takes in this sandbox."""
        return REAL_SECONDS[what] / self.waits_factor if self.waits_factor else 0.0

    def background(self, name: str, work: Callable[[], None], after_seconds: float = 0.0) -> None:
        """Run `work` in a thread of its own after a wait, without the lock; dropped when the sandbox ends."""

        def run() -> None:
            if after_seconds and self.stopping.wait(after_seconds):
                return
            try:
                work()
            except Exception:
                log.exception("background work failed: %s", name)

        threading.Thread(target=run, name=name, daemon=True).start()

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        """Let others in while a request that changes nothing meanwhile waits for something slow."""
        self.lock.release()
        try:
            yield
        finally:
            self.lock.acquire()

    def run(self, name: str, work: Callable[[], None], after_seconds: float) -> None:
        """Run slow `work` before the request is answered, or in the background when a wait is asked for.

        Done at once where there is no wait: the provider then finds it done with its first look and
        spares the ten seconds and more that it leaves between looks.
        """
        if after_seconds:
            self.background(name, work, after_seconds)
            return
        with self.unlocked():
            work()

    def later(self, what: str, name: str, change: Callable[[], None]) -> None:
        """Run the quick `change` under the lock once the wait for `what` is over; at once when it is zero."""
        seconds = self.wait_seconds(what)
        if not seconds:
            with self.lock:
                change()
            return

        def locked() -> None:
            with self.lock:
                change()

        self.background(name, locked, seconds)


_current: Runtime | None = None


def install(runtime: Runtime) -> None:
    """Make `runtime` the one that the backends use. moto's globals allow one a process."""
    global _current
    _current = runtime


def current() -> Runtime:
    """The installed runtime."""
    if _current is None:
        raise RuntimeError("the sandbox has no runtime; call install() before the first request")
    return _current
