"""Resident memory and processor time, as the kernel counts them."""

import os
from collections.abc import Iterable
from pathlib import Path

from libs.embedded import Platform
from tests.bench.figures import Figure

_CONTROL_PLANE = ("environment_registry", "infra_engine", "cluster_bootstrapper", "state_backend_manager")


def resident(pid: int) -> float:
    """MB of a process; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def proportional(pid: int) -> float:
    """MB of a process, each page it shares divided by those who share it; 0 once it is gone."""
    return _rolled_up(pid, "Pss:")


def processor(pid: int) -> tuple[float, float]:
    """Seconds of processor time of a process, and of all below it that have ended."""
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    own, system, ended, system_of_ended = (int(one) / os.sysconf("SC_CLK_TCK") for one in values)
    return own + system, ended + system_of_ended


def descendants(pid: int) -> list[int]:
    """Every process below one."""
    try:
        children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [one for child in children for one in (child, *descendants(child))]


def program(pid: int) -> str:
    """Its command line; the program's own name first."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        return " ".join([Path(words[0]).name, *words[1:]])
    except OSError:
        return ""


def idle(platform: Platform) -> list[Figure]:
    """What the control plane takes when nothing runs: its services, Postgres with its workers, and nats-server."""
    sizes = {name: resident(pid) for name, pid in platform.processes.items() if pid is not None and name != "sandbox"}
    services = {name: size for name, size in sizes.items() if name.startswith(_CONTROL_PLANE)}
    largest = max(services, key=lambda name: services[name])
    postgres = platform.processes["postgres"]
    # Postgres' workers share most of what they show, so of them what is their own alone is counted.
    backends = sum(_own(child) for child in descendants(postgres or 0))
    total = sum(sizes.values()) + backends
    synthesis = [pid for pid in _all(platform.processes.values()) if "synthesis.child" in program(pid)]
    return [
        Figure(
            "largest idle process",
            f"{services[largest]:.0f} MB",
            "<= 100 MB each",
            f"{largest}; the eight services are {min(services.values()):.0f} to {max(services.values()):.0f} MB",
        ),
        Figure(
            "idle control plane",
            f"{total:.0f} MB",
            "<= 800 MB",
            f"eight services, nats-server, Postgres and its workers; {len(synthesis)} synthesis children",
        ),
    ]


def _all(pids: Iterable[int | None]) -> list[int]:
    return [one for pid in pids if pid is not None for one in descendants(pid)]


def _own(pid: int) -> float:
    return _rolled_up(pid, "Private_Clean:", "Private_Dirty:")


def _rolled_up(pid: int, *kinds: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(kinds)) / 1024


class ApplyWatch:
    """The most that a run of the engine takes beside Terraform and its provider, seen while it runs."""

    def __init__(self, worker: int, idle_size: float) -> None:
        self._worker = worker
        self._idle = idle_size
        self.most = 0.0

    def look(self) -> None:
        programs = {pid: program(pid) for pid in descendants(self._worker)}
        # A synthesis child lives a while longer than its synthesis, and is not a run's: its own figures are above.
        synthesis = any("synthesis.child" in line for line in programs.values())
        if any(line.startswith("terraform") for line in programs.values()) and not synthesis:
            ours = [pid for pid, line in programs.items() if "terraform" not in line.split(" ")[0]]
            extra = resident(self._worker) - self._idle + sum(resident(pid) for pid in ours)
            self.most = max(self.most, extra)
