"""Whether this machine has what a platform needs."""

import os
import shutil
from pathlib import Path

from libs.embedded.failures import PlatformError

_NEEDED_GIB = 2.5
"""Services, Postgres and nats-server (0.8), a cluster (0.5), Terraform, its provider and synthesis (1.2)."""
_NEEDED_DISK_GIB = 1.0
"""Postgres' and etcd's files, and room for work folders and logs."""
# What the sandbox makes a cluster of, and what services run; each with its alternatives.
_CONTROL_PLANE = (("etcd",), ("kube-apiserver",), ("kube-controller-manager",), ("kube-scheduler",), ("kwok",))
_OF_SERVICES = {"infra_engine": ("terraform", "tofu"), "cluster_bootstrapper": ("helm",)}


def check_tools(tools: Path, names: tuple[str, ...]) -> None:
    """Raise PlatformError for the first of these programs that setup has not installed."""
    for name in names:
        if not os.access(tools / name, os.X_OK):
            raise PlatformError(f"{name} is not in {tools}: run make setup")


def programs(services: tuple[str, ...], *, clusters: bool) -> list[tuple[str, ...]]:
    """What these parts of a platform run, for `check_programs`."""
    wanted = [_OF_SERVICES[service] for service in services if service in _OF_SERVICES]
    return [*wanted, *(_CONTROL_PLANE if clusters else ())]


def check_programs(search: str, *wanted: tuple[str, ...]) -> None:
    """Raise PlatformError for the first of `wanted` of which no alternative is found by the PATH `search`."""
    for alternatives in wanted:
        if not any(shutil.which(name, path=search) for name in alternatives):
            raise PlatformError(
                f"{' or '.join(alternatives)} is neither on PATH nor in .tools/bin: run make setup, "
                "which installs it or says how"
            )


def check_disk(folder: Path) -> None:
    """Raise PlatformError when too little room is left where the platform keeps its files."""
    free = shutil.disk_usage(folder).free / (1 << 30)
    if free < _NEEDED_DISK_GIB:
        raise PlatformError(
            f"only {free:.1f} GiB are free in {folder} and the platform needs {_NEEDED_DISK_GIB:.0f}: "
            "make room there, or name a folder on a larger disk with --state-dir"
        )


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
