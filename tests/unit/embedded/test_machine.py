"""What the machine lacks is one sentence with its remedy."""

from pathlib import Path

import pytest

from libs.embedded import machine
from libs.embedded.failures import PlatformError
from libs.embedded.machine import check_disk, check_memory, check_programs, check_tools


def test_a_missing_tool_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"^nats-server is not in .*: run make setup$"):
        check_tools(tmp_path, ("nats-server",))
    (tmp_path / "nats-server").touch(0o755)
    check_tools(tmp_path, ("nats-server",))


def test_a_program_of_which_there_is_no_alternative_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        PlatformError, match=r"^terraform or tofu is neither on PATH nor in \.tools/bin: run make setup"
    ):
        check_programs(str(tmp_path), ("terraform", "tofu"))
    (tmp_path / "tofu").touch(0o755)
    check_programs(str(tmp_path), ("terraform", "tofu"))
    with pytest.raises(PlatformError, match=r"^helm is neither"):
        check_programs(str(tmp_path), ("terraform", "tofu"), ("helm",))


def test_too_little_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_disk(tmp_path)
    monkeypatch.setattr(machine, "_NEEDED_DISK_GIB", 1e9)
    with pytest.raises(PlatformError, match=r"GiB are free in .* and the platform needs 1000000000: make room there"):
        check_disk(tmp_path)


def test_too_little_free_memory(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       16777216 kB\nMemAvailable:    1048576 kB\n")
    with pytest.raises(PlatformError, match=r"only 1\.0 GiB of memory are free and the platform needs 2\.5: end other"):
        check_memory(meminfo)
    meminfo.write_text("MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n")
    check_memory(meminfo)
    check_memory(tmp_path / "absent")


def test_only_what_the_wanted_parts_run_is_needed() -> None:
    assert machine.programs((), clusters=False) == []
    assert machine.programs(("infra_engine", "environment_registry"), clusters=False) == [("terraform", "tofu")]
    assert ("kube-apiserver",) in machine.programs((), clusters=True)
