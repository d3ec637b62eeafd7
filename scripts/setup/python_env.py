"""The virtual environment: every package by the hashes of requirements.lock, then the project itself."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from scripts.setup import commands, paths
from scripts.setup.progress import SetupError, Step

_UV_PIN = Path(__file__).with_name("uv.txt")
_LOCK = paths.ROOT / "requirements.lock"
_UV = paths.BIN / "uv"
_EDITABLE = (paths.ROOT, paths.ROOT / "libs" / "contracts")


def python() -> Path:
    """The virtual environment's interpreter."""
    return paths.VENV / "bin" / "python"


def install_uv(step: Step) -> None:
    """Bring the pinned uv, by the system Python's own venv and pip and by its hash."""
    key = paths.digest(_UV_PIN)
    if paths.stamped("uv", key) and _UV.exists():
        return
    step.say("installing")
    paths.BIN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".uv.", dir=paths.BIN) as folder:
        try:
            commands.run([sys.executable, "-m", "venv", folder], step)
        except SetupError as error:
            raise SetupError(
                f"Python's own 'venv' does not work; on Debian run: apt-get install python3-venv\n{error}"
            ) from error
        commands.run(
            [f"{folder}/bin/python", "-m", "pip", "install", "--disable-pip-version-check",
             "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", _UV_PIN],
            step,
        )  # fmt: skip
        Path(folder, "bin", "uv").replace(_UV)
    paths.stamp("uv", key)


def install_packages(step: Step) -> None:
    """Make .venv hold exactly what requirements.lock names."""
    key = paths.digest(_LOCK, sys.version, str(paths.VENV))
    if paths.stamped("packages", key) and _healthy():
        return
    step.say("installing what requirements.lock names")
    if not _healthy():
        shutil.rmtree(paths.VENV, ignore_errors=True)
        commands.run([_UV, "venv", "--quiet", "--python", sys.executable, paths.VENV], step)
    # From here on nothing is sure until it is done: an interrupted change must not pass for the state before it.
    # Packages that are not of the lock are taken away, the project's own with them.
    for name in ("packages", "project"):
        (paths.STAMPS / name).unlink(missing_ok=True)
    _uv(step, "sync", "--require-hashes", _LOCK)
    paths.stamp("packages", key)


def install_project(step: Step) -> None:
    """Install the project and its contracts in place, so that their code is read from the tree."""
    present = [folder for folder in _EDITABLE if (folder / "pyproject.toml").exists()]
    key = paths.digest(str(paths.VENV), *(folder / "pyproject.toml" for folder in present))
    if paths.stamped("project", key):
        return
    step.say("installing in place")
    editable = [argument for folder in present for argument in ("-e", str(folder))]
    _uv(step, "install", "--no-deps", "--no-build-isolation", *editable)
    paths.stamp("project", key)


def _healthy() -> bool:
    """Whether .venv runs, with the very Python that setup runs under."""
    ask = "import sys; print(sys.version)"
    return commands.capture([python(), "-c", ask]).strip() == sys.version.strip()


def _uv(step: Step, verb: str, *arguments: str | Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
    }
    commands.run([_UV, "pip", verb, "--quiet", "--python", python(), *arguments], step, env=environment, cwd=paths.ROOT)
