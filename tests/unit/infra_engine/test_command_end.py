"""A command that is ended before its time saves what it has done, unless it takes too long for that."""

import asyncio
from pathlib import Path

import pytest

from services.infra_engine.terraform import LocalTerraform, WorkFolder

SAVES = "trap 'echo saved > saved; exit 1' INT\necho '{}'\nwhile :; do sleep 0.05; done"
IGNORES = "trap '' INT\necho '{}'\nwhile :; do sleep 0.05; done"


async def _ended(tmp_path: Path, script: str, *, cancelled_again: bool = False) -> Path:
    binary = tmp_path / "terraform"
    binary.write_text(f"#!/bin/sh\n{script}\n")
    binary.chmod(0o755)
    folder = WorkFolder(tmp_path / "work")
    folder.prepare(b"{}", {})
    terraform = LocalTerraform(binary=str(binary), environment={"PATH": "/usr/bin:/bin"}, orphan_grace=2)
    running = asyncio.Event()

    async def work() -> None:
        async with terraform.apply(folder, {}) as command:
            try:
                async for _ in command:
                    running.set()
            except BaseException:
                await command.end()
                raise

    task = asyncio.create_task(work())
    await running.wait()
    task.cancel()
    if cancelled_again:
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return folder.path / "saved"


@pytest.mark.parametrize("cancelled_again", [False, True])
async def test_it_is_given_time_to_save(tmp_path: Path, cancelled_again: bool) -> None:
    saved = await _ended(tmp_path, SAVES, cancelled_again=cancelled_again)
    assert saved.read_text() == "saved\n"


async def test_it_is_killed_when_it_takes_too_long(tmp_path: Path) -> None:
    async with asyncio.timeout(5):
        assert not (await _ended(tmp_path, IGNORES)).exists()
