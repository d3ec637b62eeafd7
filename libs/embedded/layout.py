"""Where the embedded platform keeps its files."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from libs.embedded.failures import PlatformError

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("state_backend_manager", "infra_engine", "cluster_bootstrapper", "environment_registry")
"""In the order in which they start: the one that asks the others comes last."""


@dataclass(frozen=True)
class Layout:
    """The folders of one platform."""

    state: Path

    @property
    def run(self) -> Path:
        """Process ids, the platform's own account of itself, secrets."""
        return self.state / "run"

    @property
    def log(self) -> Path:
        """One log a process."""
        return self.state / "log"

    @property
    def spans(self) -> Path:
        """One file of spans a process, as JSON lines."""
        return self.state / "spans"

    @property
    def work(self) -> Path:
        """The services' durable work folders."""
        return self.state / "work"

    @property
    def postgres(self) -> Path:
        return self.state / "postgres"

    @property
    def nats(self) -> Path:
        return self.state / "nats"

    @property
    def sandbox(self) -> Path:
        return self.state / "sandbox"

    def make(self) -> None:
        """Make the folders that are missing. Only their owner may read them. Raises PlatformError."""
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            for folder in (self.run, self.log, self.spans, self.work, self.nats, self.sandbox):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise PlatformError(
                f"the folder {error.filename} cannot be made ({error.strerror}): "
                "mend that, or name another one with --state-dir"
            ) from error

    def set_logs_aside(self) -> None:
        """Keep the last run's logs beside the new ones. The launcher's own is being written already."""
        for log in self.log.glob("*.log"):
            if log.stem != "launcher":
                log.replace(log.with_name(log.name + ".1"))

    def forget(self) -> None:
        """Remove what was true only of a sandbox's cloud that has ended."""
        for folder in (self.work, self.nats, self.sandbox, self.spans):
            shutil.rmtree(folder, ignore_errors=True)


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that nobody ever reads half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    temporary.replace(path)


def passwords(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The passwords kept at `path`; those that are missing are made. Idempotent."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    # A letter first: nats-server would read some strings of digits as numbers.
    missing = {name: "p" + secrets.token_hex(16) for name in names if name not in known}
    if missing:
        known.update(missing)
        write_whole(path, json.dumps(known, indent=1))
    return known
