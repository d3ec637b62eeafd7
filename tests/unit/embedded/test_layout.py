"""Files that outlive a platform."""

import re
from pathlib import Path

import pytest

from libs.embedded import layout
from libs.embedded.failures import PlatformError
from libs.embedded.layout import Layout


def test_passwords_are_made_once_and_kept_to_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    first = layout.passwords(path, ("a", "b"))
    again = layout.passwords(path, ("a", "b", "c"))
    assert again["a"] == first["a"] != first["b"] == again["b"]
    assert path.stat().st_mode & 0o777 == 0o600
    # nats-server reads unquoted values: one that looks like a number would become one.
    assert all(re.fullmatch(r"p[0-9a-f]{32}", value) for value in again.values())


def test_forgetting_a_cloud_keeps_logs_and_the_database_server(tmp_path: Path) -> None:
    folders = Layout(tmp_path / "state")
    folders.make()
    folders.postgres.mkdir()
    for folder in (folders.log, folders.work, folders.nats, folders.spans, folders.postgres):
        (folder / "file").touch()
    folders.forget()
    assert (folders.log / "file").exists()
    assert (folders.postgres / "file").exists()
    assert not folders.work.exists()
    assert not folders.nats.exists()


def test_the_last_runs_logs_are_set_aside_but_for_the_launchers(tmp_path: Path) -> None:
    folders = Layout(tmp_path)
    folders.make()
    for name in ("postgres.log", "launcher.log"):
        (folders.log / name).write_text(name)
    folders.set_logs_aside()
    assert sorted(path.name for path in folders.log.iterdir()) == ["launcher.log", "postgres.log.1"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for state in (tmp_path / "file", tmp_path / "file" / "state"):
        with pytest.raises(PlatformError, match=rf"^the folder {state} cannot be made .*: mend that, or name another"):
            Layout(state).make()
