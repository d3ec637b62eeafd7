"""A command that is ended before its time saves what it has done, unless it takes too long for that."""

import asyncio
from pathlib import Path

import pytest

from libs.failures import Failure, Kind
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


async def test_one_that_is_cut_off_comes_to_its_end_for_who_reads_it(tmp_path: Path) -> None:
    binary = tmp_path / "terraform"
    binary.write_text(f"#!/bin/sh\n{IGNORES}\n")
    binary.chmod(0o755)
    folder = WorkFolder(tmp_path / "work")
    folder.prepare(b"{}", {})
    terraform = LocalTerraform(binary=str(binary), environment={"PATH": "/usr/bin:/bin"})
    async with asyncio.timeout(20), terraform.apply(folder, {}) as command:
        async for _ in command:
            command.interrupt()
            command.cut_off()
        with pytest.raises(Failure) as ended:
            await command.result()
    assert (ended.value.reason, ended.value.kind) == ("CANCELLED", Kind.CANCELLED)
