"""Builds a tool with Go from a module of ours that locks every dependency by hash."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from scripts.setup import commands
from scripts.setup.paths import BIN, MODULES, SHARE
from scripts.setup.pins import Tool, first_version
from scripts.setup.progress import SetupError, Step

# From 1.21 on Go fetches the toolchain that a go.mod asks for by itself.
_OLDEST_GO = (1, 21)


def go() -> str | None:
    """The Go command, when there is one that can build the locked modules."""
    found = shutil.which("go")
    version = first_version(commands.capture([found, "env", "GOVERSION"]).replace("go", "")) if found else None
    return found if version is not None and version >= _OLDEST_GO else None


def build(tool: Tool, step: Step) -> None:
    """Build all of the tool's programs and put them in place, each by a rename."""
    command = _required(tool)
    step.say(f"building {tool.version} with Go, about {tool.seconds} s on two cores")
    BIN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{tool.name}.", dir=BIN) as folder:
        commands.run(
            [
                command,
                "build",
                "-mod=readonly",
                "-trimpath",
                "-buildvcs=false",
                "-ldflags",
                " ".join(("-s -w", *tool.ldflags)),
                "-o",
                f"{folder}/",
                *tool.packages,
            ],
            step,
            env=_environment(),
            cwd=MODULES / tool.module,
        )
        for built, name in zip(tool.build_names, tool.binaries, strict=True):
            (Path(folder) / built).replace(BIN / name)


def copy_share(tool: Tool, step: Step) -> None:
    """Copy the data files that the tool needs at run time out of its module, to .tools/share/<tool>."""
    if tool.share_from is None:
        return
    command = _required(tool)
    printed = commands.run(
        [command, "mod", "download", "-json", tool.share_from],
        step,
        env=_environment(),
        cwd=MODULES / tool.module,
    )
    source = Path(json.loads(printed)["Dir"])
    SHARE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{tool.name}.", dir=SHARE) as folder:
        new, old = Path(folder) / "new", Path(folder) / "old"
        for part in tool.share:
            # Plain copies: the module cache is read-only, and its modes must not come along.
            shutil.copytree(source / part, new / Path(part).relative_to("kustomize"), copy_function=shutil.copyfile)
        for directory in (new, *(path for path in new.rglob("*") if path.is_dir())):
            directory.chmod(0o755)
        target = SHARE / tool.name
        if target.exists():
            target.rename(old)
        new.rename(target)


def _required(tool: Tool) -> str:
    command = go()
    if command is None:
        raise SetupError(
            f"{tool.name} {tool.version} is neither on PATH nor to be fetched as a release, and there is no "
            f"Go >= 1.21 to build it with: install Go, or put {' and '.join(tool.binaries)} "
            f"(>= {tool.at_least}, < {tool.below}) on PATH"
        )
    return command


def _environment() -> dict[str, str]:
    # A user's own GOFLAGS or workspace would change what is built.
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOBIN": ""}
