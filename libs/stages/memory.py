"""Room in memory for another run. Standard library only."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_MIB = 1 << 20
# A run has grown to its size by then, in seconds, so that what is free no longer counts it as free.
_GROWN_AFTER = 60.0


class MemoryGate:
    """Lets a run begin where there is memory for it. A worker that has no run begins one in any case: else a machine
    that is too small would never say why it fails.

    Args:
        run_mib: what a run takes, in MiB; 0 lets every run begin.
        available: bytes that new processes may take now; None where that cannot be told, and then every run begins.
    """

    def __init__(self, run_mib: int, available: Callable[[], int | None] | None = None) -> None:
        self.run_mib = run_mib
        self._available = available or available_bytes

    def admits(self, begun: Iterable[float]) -> bool:
        """Whether one more may begin beside those that began at these times of `time.monotonic`."""
        times = list(begun)
        if not self.run_mib or not times:
            return True
        free = self._available()
        if free is None:
            return True
        young = sum(time.monotonic() - one < _GROWN_AFTER for one in times)
        return free - young * self.run_mib * _MIB >= self.run_mib * _MIB

    def __str__(self) -> str:
        return f"{self.run_mib} MiB of free memory on a worker's machine"


def available_bytes(root: Path = Path("/")) -> int | None:
    """What new processes may take: the machine's available memory, or what is left of our cgroup where that is less."""
    found = [one for one in (_of_machine(root), _of_cgroup(root)) if one is not None]
    return min(found, default=None)


def _of_machine(root: Path) -> int | None:
    try:
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _of_cgroup(root: Path) -> int | None:
    """Version 2's limit, or version 1's; page cache that can be dropped counts as free."""
    version_2 = root / "sys/fs/cgroup"
    version_1 = version_2 / "memory"
    for folder, limit, usage, cache in (
        *((folder, "memory.max", "memory.current", "inactive_file") for folder in _own_cgroups(root, version_2)),
        (version_1, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            most = int((folder / limit).read_text())
            used = int((folder / usage).read_text())
            for line in (folder / "memory.stat").read_text().splitlines():
                if line.startswith(f"{cache} "):
                    used -= int(line.split()[1])
            return max(0, most - used)
        except (OSError, ValueError, IndexError):
            continue  # "max", or not there
    return None


def _own_cgroups(root: Path, top: Path) -> list[Path]:
    """Our cgroup, then those around it; in a container its root is the container's own."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return [top]
    own = next((line[3:].lstrip("/") for line in lines if line.startswith("0::")), "")
    folders = [top / own]
    while folders[-1] != top and top in folders[-1].parents:
        folders.append(folders[-1].parent)
    return folders if os.path.isdir(top / own) else [top]
