"""What a setup that was broken off leaves, and what the next one makes of it."""

from pathlib import Path

import pytest

from scripts.setup import paths, python_env
from scripts.setup.progress import Step


def test_what_a_killed_setup_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BIN", "SHARE", "STAMPS"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.setattr(paths, name, folder)
    half = tmp_path / "BIN" / ".kubernetes.x1"
    half.mkdir()
    (half / "kubelet").touch()
    (tmp_path / "BIN" / ".helm.77").touch()
    (tmp_path / "BIN" / ".buf.link").symlink_to(tmp_path / "SHARE")
    (tmp_path / "STAMPS" / ".helm.77.tmp").touch()
    kept = [tmp_path / "BIN" / "helm", tmp_path / "STAMPS" / "helm", tmp_path / "SHARE" / "kwok"]
    for file in kept:
        file.touch()
    paths.sweep()
    assert sorted(path for path in tmp_path.rglob("*") if path.parent != tmp_path) == sorted(kept)


def test_packages_that_were_changed_in_part_do_not_pass_for_the_ones_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update is broken off and then taken back: the stamp of before must be gone."""
    monkeypatch.setattr(paths, "STAMPS", tmp_path / "stamps")
    lock = tmp_path / "requirements.lock"
    lock.write_text("one==1")
    monkeypatch.setattr(python_env, "_LOCK", lock)
    monkeypatch.setattr(python_env, "_healthy", lambda: True)
    synced: list[str] = []

    def sync(step: Step, verb: str, *arguments: object) -> None:
        if lock.read_text() == "one==2":
            raise KeyboardInterrupt
        synced.append(lock.read_text())

    monkeypatch.setattr(python_env, "_uv", sync)
    python_env.install_packages(Step(".venv"))
    lock.write_text("one==2")
    with pytest.raises(KeyboardInterrupt):
        python_env.install_packages(Step(".venv"))
    lock.write_text("one==1")
    python_env.install_packages(Step(".venv"))
    assert synced == ["one==1", "one==1"]
