"""A disk that is full under the work folder: it is said before anything begins, and no state is torn."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.failures import Actor, Failure
from services.infra_engine.terraform import WorkFolder
from services.infra_engine.terraform.events import Diagnostic
from services.infra_engine.terraform.failures import root_cause
from services.infra_engine.terraform.json_ui import parse_line
from services.infra_engine.terraform.work_folder import replace_file

OLD = b'{"version": 4, "serial": 1}'


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)], check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a file system; the other test here does without")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def fill(folder: Path) -> Path:
    """Takes what is left."""
    path = folder / "fill"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC
    return path


def test_a_run_does_not_begin_where_it_could_not_end(small: Path) -> None:
    with pytest.raises(Failure) as refused:
        WorkFolder(small / "e1").prepare(b"{}", {})
    assert (refused.value.reason, refused.value.actor, refused.value.retryable) == ("DISK_FULL", Actor.PLATFORM, True)
    assert "PROVISIONING_STATE_DIR" in refused.value.remedy
    assert list((small / "e1").iterdir()) == []


def test_a_state_is_the_old_one_or_the_new_one(small: Path) -> None:
    state = WorkFolder(small).state
    replace_file(state, OLD)
    filled = fill(small)
    with pytest.raises(Failure, match="full") as refused:
        replace_file(state, OLD * 1000)
    assert refused.value.reason == "DISK_FULL"
    assert state.read_bytes() == OLD
    assert {path.name for path in small.iterdir()} == {"fill", state.name}
    filled.unlink()
    replace_file(state, OLD * 1000)
    assert state.read_bytes() == OLD * 1000


def test_a_disk_that_is_full_at_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = WorkFolder(tmp_path).state
    replace_file(state, OLD)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Failure) as refused:
        replace_file(state, b"{}")
    assert refused.value.reason == "DISK_FULL"
    assert state.read_bytes() == OLD


def test_terraform_that_could_not_write_its_state_is_told_as_a_full_disk_and_its_dump_stays_out_of_the_log() -> None:
    why = "Error saving state: Failed to write state: write terraform.tfstate: no space left on device."
    diagnostic = {"severity": "error", "summary": "Failed to save state", "detail": why}
    line = parse_line(
        json.dumps({"@message": "Error: Failed to save state", "type": "diagnostic", "diagnostic": diagnostic})
    )
    assert isinstance(line.event, Diagnostic)
    assert root_cause([line.event], command="apply").reason == "DISK_FULL"
    dump = parse_line(json.dumps({"@message": "Emergency state dump", "type": "log", "state": {"secret": "canary"}}))
    assert "canary" not in dump.text
