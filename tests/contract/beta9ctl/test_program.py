"""The program itself, as a process: exit codes, signals, terminals and pipes."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "libs.beta9ctl")
ROOT = Path(__file__).parents[3]
EXAMPLE = str(ROOT / "examples" / "minimal.yaml")


async def _start(*words: str, **options: Any) -> asyncio.subprocess.Process:
    options = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE, **options}
    return await asyncio.create_subprocess_exec(*PROGRAM, *words, cwd=ROOT, **options)


async def test_the_exit_code_is_the_process_own(registry: Any) -> None:
    process = await _start("env", "get", "dev")
    out, err = await process.communicate()

    assert (process.returncode, out) == (3, b"")
    assert err.startswith(b"error: ")


async def test_ctrl_c_detaches_and_says_how_to_go_on(registry: Any, until: Any) -> None:
    process = await _start("env", "create", "-f", EXAMPLE, "--wait")
    await until(lambda: registry.requests["WaitOperation"])
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()

    assert process.returncode == 130
    assert b"the operation goes on" in err
    assert b"beta9ctl op wait op-1" in err and b"beta9ctl env cancel dev" in err
    assert b"Traceback" not in err
    assert not registry.requests["CancelOperation"]


async def test_a_terminal_gets_a_picture_that_moves(registry: Any, make: Any, until: Any) -> None:
    main, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    process = await _start("env", "create", "-f", EXAMPLE, "--wait", stderr=terminal, env=environment)
    os.close(terminal)
    shown = asyncio.create_task(asyncio.to_thread(_read, main))
    await until(lambda: registry.requests["WaitOperation"])
    await registry.put(make.staged("deployment", "RUNNING", "apply", resources_done=3, resources_planned=9))
    await registry.put(make.succeeded(make.active()), make.active())
    out, _ = await process.communicate()
    text = await shown

    assert process.returncode == 0
    assert b"dev is ACTIVE" in out
    assert "create" in text and "\x1b[?25l" in text
    assert text.rstrip().endswith("\x1b[?25h")


async def test_a_reader_that_has_enough_is_no_error(registry: Any, make: Any) -> None:
    for number in range(2000):
        registry.environments[f"workspaces/default/environments/dev{number}"] = make.active(f"dev{number}")
    registry.page_size = 500
    read, write = os.pipe()
    process = await _start("env", "list", "-o", "json", stdout=write)
    os.close(write)
    os.close(read)
    _, err = await process.communicate()

    assert (process.returncode, err) == (0, b"")


def _read(descriptor: int) -> str:
    """All that comes from a terminal until its other side is closed."""
    chunks = []
    while True:
        try:
            chunk = os.read(descriptor, 4096)
        except OSError:
            chunk = b""
        if not chunk:
            os.close(descriptor)
            return b"".join(chunks).decode(errors="replace")
        chunks.append(chunk)
