"""The platform's account of itself in `.state/run/platform.json`, and who may run one there."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from libs.embedded.failures import PlatformError
from libs.embedded.layout import Layout, write_whole

_FILE = "platform.json"
_LOCK = "launcher.lock"


@contextmanager
def sole(layout: Layout) -> Iterator[None]:
    """Hold the right to run a platform in this state folder. It ends with this process, however that ends."""
    with (layout.run / _LOCK).open("a") as lock:
        if not _locked(lock):
            raise PlatformError(
                f"a platform is already running in {layout.state}: use that one (make status), or end it with make down"
            )
        # What a killed launcher left tells of processes that have died with it.
        for stale in (layout.run / _FILE, *layout.run.glob("*.pid")):
            stale.unlink(missing_ok=True)
        try:
            yield
        finally:
            (layout.run / _FILE).unlink(missing_ok=True)


def running(layout: Layout) -> bool:
    """Whether a launcher is alive for this state folder."""
    path = layout.run / _LOCK
    if not path.exists():
        return False
    with path.open("a") as lock:
        return not _locked(lock)


def write(layout: Layout, account: dict[str, Any]) -> None:
    """Replace the account."""
    write_whole(layout.run / _FILE, json.dumps(account, indent=1))


def read(layout: Layout) -> dict[str, Any] | None:
    """The account of a running platform, or None."""
    path: Path = layout.run / _FILE
    if not running(layout):
        return None
    try:
        account: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {"state": "starting", "processes": {}}
    return account


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
