"""Memory as the kernel tells it, and who may begin beside whom."""

import time
from pathlib import Path

import pytest

from libs.stages.memory import MemoryGate, available_bytes

MIB = 1 << 20


def machine(root: Path, available_kib: int) -> None:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable:   {available_kib} kB\n")


def cgroup(root: Path, path: str, limit: str, usage: int, cache: int) -> None:
    folder = root / "sys/fs/cgroup" / path
    folder.mkdir(parents=True)
    (folder / "memory.max").write_text(limit)
    (folder / "memory.current").write_text(str(usage))
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {cache}\n")
    (root / "proc/self/cgroup").write_text(f"0::/{path}\n")


def test_the_machine_without_a_limit(tmp_path: Path) -> None:
    machine(tmp_path, 2048)
    assert available_bytes(tmp_path) == 2 * MIB
    cgroup(tmp_path, "ours", "max", 1, 0)
    assert available_bytes(tmp_path) == 2 * MIB


def test_a_cgroup_that_has_less_decides_and_its_page_cache_is_free(tmp_path: Path) -> None:
    machine(tmp_path, 1 << 20)
    cgroup(tmp_path, "pods/ours", str(10 * MIB), 9 * MIB, 3 * MIB)
    assert available_bytes(tmp_path) == 4 * MIB


def test_an_outer_cgroups_limit_holds_where_the_own_has_none(tmp_path: Path) -> None:
    machine(tmp_path, 1 << 20)
    cgroup(tmp_path, "pods", str(8 * MIB), 2 * MIB, 0)
    cgroup(tmp_path, "pods/ours", "max", 1, 0)
    assert available_bytes(tmp_path) == 6 * MIB


def test_version_1(tmp_path: Path) -> None:
    machine(tmp_path, 1 << 20)
    folder = tmp_path / "sys/fs/cgroup/memory"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text(str(7 * MIB))
    (folder / "memory.usage_in_bytes").write_text(str(5 * MIB))
    (folder / "memory.stat").write_text(f"total_inactive_file {MIB}\n")
    assert available_bytes(tmp_path) == 3 * MIB


def test_no_kernel_tells_nothing(tmp_path: Path) -> None:
    assert available_bytes(tmp_path) is None


def test_this_machine_tells_something_plausible() -> None:
    found = available_bytes()
    if not Path("/proc/meminfo").exists():
        pytest.skip("no /proc here")
    assert found is not None and found > 10 * MIB


def test_a_run_that_has_just_begun_has_not_taken_its_memory_yet() -> None:
    now = time.monotonic()
    gate = MemoryGate(1000, lambda: 1500 * MIB)
    assert gate.admits([])
    assert not gate.admits([now])
    assert gate.admits([now - 120])


def test_the_first_run_is_let_in_whatever_is_free() -> None:
    assert MemoryGate(1000, lambda: 0).admits([])
    assert not MemoryGate(1000, lambda: 0).admits([time.monotonic() - 120])
    assert MemoryGate(0, lambda: 0).admits([time.monotonic()])
    assert MemoryGate(1000, lambda: None).admits([time.monotonic()])
