"""Where the programs of a control plane are found."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[3]

CONTROL_PLANE_TOOLS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")


class ToolMissing(RuntimeError):
    """A program that the sandbox starts is not on this machine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is neither on PATH nor in .tools/bin: run `make setup`, which installs it.")


def find_tool(name: str) -> Path:
    """Absolute path of the executable `name`: the repository's own `.tools/bin`, else `PATH`.

    Raises `ToolMissing`, whose text names the remedy.
    """
    local = _REPOSITORY / ".tools" / "bin" / name
    if local.is_file() and os.access(local, os.X_OK):
        return local
    found = shutil.which(name)
    if found is None:
        raise ToolMissing(name)
    return Path(found).resolve()


def require_tools() -> dict[str, Path]:
    """Paths of every program of a control plane, by name. Raises `ToolMissing` for the first that is
    absent."""
    return {name: find_tool(name) for name in CONTROL_PLANE_TOOLS}
