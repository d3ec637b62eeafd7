"""Where setup puts things. All of it is inside the repository and ignored by git."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
SHARE = TOOLS / "share"
STAMPS = TOOLS / "stamps"
PINS = ROOT / "scripts" / "tools.toml"
MODULES = ROOT / "scripts" / "tools"


def digest(*parts: str | Path) -> str:
    """A hash over texts and files' contents; a missing file counts as empty."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part.read_bytes() if part.exists() else b""
        total.update(len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def stamped(name: str, key: str) -> bool:
    """Whether the step `name` was finished for exactly these inputs."""
    path = STAMPS / name
    return path.exists() and path.read_text() == key


def stamp(name: str, key: str) -> None:
    """Note that the step `name` is finished for these inputs."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    write_whole(STAMPS / name, key)


def sweep() -> None:
    """Remove the temporary files of a setup that was killed. Only for the one that holds the right to set up."""
    for folder in (BIN, SHARE, STAMPS):
        # What is under way has a name with a dot before it, until it is renamed into place.
        for left in folder.glob(".*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
