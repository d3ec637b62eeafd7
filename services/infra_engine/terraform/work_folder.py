"""The folder of one environment's Terraform: durable, ours alone, and laid out in one place."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


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
        """Writes what Terraform reads, each file whole or not at all. The state is left as it is. Idempotent."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(self.config, main_tf_json)
        replace_file(self.variables, (json.dumps(variables, indent=2, sort_keys=True) + "\n").encode())
        replace_file(self.lock_file, files(__package__).joinpath("provider.lock.hcl").read_bytes())
        self.forget_adopted()
        self.forget_plan()

    def forget_plan(self) -> None:
        """Removes the saved plan. Idempotent."""
        self.plan.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Writes `content` beside `path`, to the disk, and renames it: a reader sees the old file or the new one."""
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
