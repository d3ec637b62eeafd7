"""The pins of scripts/tools.toml, and what counts as a fitting version."""

from __future__ import annotations

import platform
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.setup.paths import PINS
from scripts.setup.progress import SetupError

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Release:
    """A published file, by its digest. `member` is the program inside an archive; None: it is the program."""

    url: str
    sha256: str
    member: str | None


@dataclass(frozen=True)
class Tool:
    """One pinned program, or several that are built from one module. One that is `tests_only` is installed by name."""

    name: str
    version: str
    at_least: str
    below: str
    module: str
    packages: tuple[str, ...]
    binaries: tuple[str, ...]
    build_names: tuple[str, ...]
    ldflags: tuple[str, ...]
    version_command: tuple[str, ...]
    share_from: str | None
    share: tuple[str, ...]
    seconds: int
    release: Release | None
    tests_only: bool = False

    def fits(self, printed: str) -> bool:
        """Whether the version in what a program printed is one that the project works with."""
        found = first_version(printed)
        return found is not None and _numbers(self.at_least) <= found < _numbers(self.below)


def first_version(printed: str) -> tuple[int, ...] | None:
    """The first dotted version number in a text."""
    match = re.search(r"(?<![\w.])v?(\d+(?:\.\d+)+)", printed)
    return _numbers(match.group(1)) if match else None


def this_platform() -> str:
    """Operating system and architecture as Go names them, such as `linux-amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{_ARCHITECTURES.get(machine, machine)}"


def load(path: Path = PINS) -> list[Tool]:
    """All pins, in the order in which they are best installed."""
    with path.open("rb") as file:
        return [_tool(name, entry) for name, entry in tomllib.load(file).items()]


def _tool(name: str, entry: dict[str, Any]) -> Tool:
    try:
        release = entry.get("release", {}).get(this_platform())
        binaries = tuple(entry["binaries"])
        return Tool(
            name=name,
            version=entry["version"],
            at_least=entry["at_least"],
            below=entry["below"],
            module=entry["module"],
            packages=tuple(entry["packages"]),
            binaries=binaries,
            build_names=tuple(entry.get("build_names", binaries)),
            ldflags=tuple(entry.get("ldflags", ())),
            version_command=tuple(entry.get("version_command", ("--version",))),
            share_from=entry.get("share_from"),
            share=tuple(entry.get("share", ())),
            seconds=entry["seconds"],
            release=Release(release["url"], release["sha256"], release.get("member")) if release else None,
            tests_only=entry.get("tests_only", False),
        )
    except KeyError as missing:
        raise SetupError(f"scripts/tools.toml: the entry '{name}' lacks {missing}; add it") from missing


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
