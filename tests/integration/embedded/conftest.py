"""What the launcher's tests share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Living = Callable[[], list[str]]


@pytest.fixture
def living(tmp_path: Path) -> Living:
    """Command lines of living processes that name the test's folder, work in it, or were told of it."""

    def find() -> list[str]:
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit() or int(process.name) == os.getpid():
                continue
            try:
                line = (process / "cmdline").read_bytes()
                told = line + (process / "environ").read_bytes() + os.readlink(process / "cwd").encode()
            except OSError:
                continue  # it has ended, is a zombie that has nothing any more, or belongs to someone else
            if str(tmp_path).encode() in told:
                found.append(line.replace(b"\0", b" ").decode())
        return found

    return find
