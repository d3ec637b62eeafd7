"""Folders of synthesis children whose owners are killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from services.infra_engine.synthesis.scratch import remove_abandoned, scratch_folder

_HOLDER = """
import sys
from services.infra_engine.synthesis.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "unpacked").mkdir()
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_a_folder_is_removed_at_its_end(temporary: Path) -> None:
    with scratch_folder() as folder:
        assert folder.parent == temporary
        (folder / "unpacked").write_text("jsii")
    assert not folder.exists()


def test_the_folder_of_a_killed_owner_goes_with_the_next_start(temporary: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        abandoned = Path(owner.stdout.readline().decode().strip())
        with scratch_folder():
            assert abandoned.is_dir(), "its owner lives"
        owner.kill()
    assert abandoned.is_dir(), "nobody was left to remove it"
    with scratch_folder() as own:
        assert list(temporary.iterdir()) == [own]


def test_what_looks_alike_but_is_no_folder_of_ours_stays(temporary: Path) -> None:
    notes = temporary / "synthesis-notes"
    notes.write_text("mine")
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    os.symlink(elsewhere, temporary / "synthesis-link")
    remove_abandoned()
    assert notes.read_text() == "mine"
    assert elsewhere.is_dir()
