"""Whether this machine has what a platform needs."""

import os
from pathlib import Path

from libs.embedded.failures import PlatformError

_NEEDED_GIB = 2.5
"""Services, Postgres and nats-server (0.8), a cluster (0.5), Terraform, its provider and synthesis (1.2)."""


def check_tools(tools: Path, names: tuple[str, ...]) -> None:
    """Raise PlatformError for the first of these programs that setup has not installed."""
    for name in names:
        if not os.access(tools / name, os.X_OK):
            raise PlatformError(f"{name} is not in {tools}: run make setup")


def check_memory(meminfo: Path = Path("/proc/meminfo")) -> None:
    """Raise PlatformError when too little memory is free. Says nothing where that cannot be known."""
    if not meminfo.exists():
        return
    values = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    available = int(values["MemAvailable"].split()[0]) / (1 << 20)
    if available < _NEEDED_GIB:
        raise PlatformError(
            f"only {available:.1f} GiB of memory are free and the platform needs {_NEEDED_GIB}: "
            "end other programs, or use a larger machine"
        )
