"""Brings one pinned tool to .tools/bin: from PATH, from its release, or by building it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts.setup import commands, gobuild, paths, release
from scripts.setup.pins import Tool, this_platform
from scripts.setup.progress import Step


def install(tool: Tool, step: Step) -> None:
    """Put the tool's programs into .tools/bin; does nothing when they are there for these very pins."""
    key = _key(tool)
    if paths.stamped(tool.name, key) and all(_runnable(paths.BIN / name) for name in tool.binaries):
        return
    paths.BIN.mkdir(parents=True, exist_ok=True)
    if not (_link_from_path(tool, step) or _fetch(tool, step)):
        gobuild.build(tool, step)
    gobuild.copy_share(tool, step)
    paths.stamp(tool.name, key)


def needs_build(tool: Tool) -> bool:
    """Whether installing the tool may take a build, and so the space that one needs."""
    return not paths.stamped(tool.name, _key(tool)) and not _on_path(tool)


def _key(tool: Tool) -> str:
    module = paths.MODULES / tool.module
    return paths.digest(repr(tool), this_platform(), module / "go.mod", module / "go.sum")


def _runnable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _on_path(tool: Tool) -> dict[str, Path]:
    """The tool's programs on PATH, if all are there in versions that fit."""
    outside = os.pathsep.join(
        part
        for part in os.environ.get("PATH", "").split(os.pathsep)
        if part and Path(part).resolve() != paths.BIN.resolve()
    )
    found: dict[str, Path] = {}
    for name in tool.binaries:
        command = shutil.which(name, path=outside)
        if command is None or not tool.fits(commands.capture([command, *tool.version_command])):
            return {}
        found[name] = Path(command)
    return found


def _link_from_path(tool: Tool, step: Step) -> bool:
    found = _on_path(tool)
    for name, command in found.items():
        step.say(f"taking {command}")
        link = paths.BIN / f".{name}.link"
        link.unlink(missing_ok=True)
        link.symlink_to(command)
        link.replace(paths.BIN / name)
    return bool(found)


def _fetch(tool: Tool, step: Step) -> bool:
    if tool.release is None:
        return False
    step.say(f"fetching release {tool.version}")
    (name,) = tool.binaries
    temporary = paths.BIN / f".{name}.{os.getpid()}"
    try:
        release.fetch(tool.release, temporary)
        temporary.replace(paths.BIN / name)
    except release.NotFetched as reason:
        step.note(f"no release: {reason}")
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True
