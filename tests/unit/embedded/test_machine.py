"""What the machine lacks is one sentence with its remedy."""

from pathlib import Path

import pytest

from libs.embedded.failures import PlatformError
from libs.embedded.machine import check_memory, check_tools


def test_a_missing_tool_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"^nats-server is not in .*: run make setup$"):
        check_tools(tmp_path, ("nats-server",))
    (tmp_path / "nats-server").touch(0o755)
    check_tools(tmp_path, ("nats-server",))


def test_too_little_free_memory(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       16777216 kB\nMemAvailable:    1048576 kB\n")
    with pytest.raises(PlatformError, match=r"only 1\.0 GiB of memory are free and the platform needs 2\.5: end other"):
        check_memory(meminfo)
    meminfo.write_text("MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n")
    check_memory(meminfo)
    check_memory(tmp_path / "absent")
