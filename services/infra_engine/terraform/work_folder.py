"""The folder of one environment's Terraform: durable, ours alone, and laid out in one place."""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from libs.failures import Actor, Failure, Kind

# Room for a run: states, plans and what Terraform writes beside them, many times over. Terraform truncates its state
# before it writes it, so that a disk which fills up in the middle of a run costs the newest state.
ROOM_BYTES = 128 * 2**20


@dataclass(frozen=True)
class WorkFolder:
    """Paths below `path`. The state lies on this disk during a run, because a remote backend loses it on SIGKILL."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "main.tf.json"

    @property
    def variables(self) -> Path:
        return self.path / "terraform.tfvars.json"

    @property
    def lock_file(self) -> Path:
        return self.path / ".terraform.lock.hcl"

    @property
    def cli_config(self) -> Path:
        return self.path / "cli.tfrc"

    @property
    def state(self) -> Path:
        return self.path / "terraform.tfstate"

    def state_content(self) -> bytes | None:
        """What the state file holds; None when there is none."""
        try:
            return self.state.read_bytes()
        except FileNotFoundError:
            return None

    @property
    def plan(self) -> Path:
        """A saved plan: removed after its apply, for plans hold what states hold."""
        return self.path / "run.tfplan"

    @property
    def adopted(self) -> Path:
        """Import blocks of what a broken run left: there for one plan and its apply."""
        return self.path / "adopted.tf.json"

    def forget_adopted(self) -> None:
        """Removes the import blocks. Idempotent."""
        self.adopted.unlink(missing_ok=True)

    def prepare(self, main_tf_json: bytes, variables: Mapping[str, object]) -> None:
        """Writes what Terraform reads, each file whole or not at all. The state is left as it is. Idempotent.

        Raises Failure (DISK_FULL) before anything is written where there is no room for a run.
        """
        with _disk_full_told(self.path):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.path).free < ROOM_BYTES:
            raise disk_full(self.path)
        replace_file(self.config, main_tf_json)
        replace_file(self.variables, (json.dumps(variables, indent=2, sort_keys=True) + "\n").encode())
        replace_file(self.lock_file, files(__package__).joinpath("provider.lock.hcl").read_bytes())
        self.forget_adopted()
        self.forget_plan()

    def forget_plan(self) -> None:
        """Removes the saved plan. Idempotent."""
        self.plan.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Writes `content` beside `path`, to the disk, and renames it: a reader sees the old file or the new one.

    Raises Failure (DISK_FULL) where there is no room; the old file is there as it was.
    """
    temporary = path.with_name(f".{path.name}.new")
    with _disk_full_told(path.parent):
        try:
            _write(temporary, content)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _disk_full_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise disk_full(folder) from error


def disk_full(folder: Path) -> Failure:
    """The failure of a worker whose disk has no room."""
    return Failure(
        "DISK_FULL",
        "The worker's disk is full.",
        kind=Kind.RESOURCE_EXHAUSTED,
        actor=Actor.PLATFORM,
        retryable=True,
        remedy=f"Free {ROOM_BYTES // 2**20} MiB where PROVISIONING_STATE_DIR is on the worker; it goes on by a retry.",
        private=str(folder),
    )
