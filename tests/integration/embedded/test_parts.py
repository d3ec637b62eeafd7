"""Postgres and nats-server as the launcher runs them: who may do what, and what is left when all are killed."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from libs.embedded import Platform, PlatformError
from libs.embedded.ports import Ports, free

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    async with Platform(tmp_path / "state", ports="auto", sandbox=False, services=()) as running:
        yield running


def _passwords(state: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((state / "run" / "passwords.json").read_text())
    return found


async def test_a_service_reads_its_own_schema_alone(tmp_path: Path) -> None:
    ports = free()
    async with Platform(tmp_path / "state", ports=ports, sandbox=False, services=()):
        registry = await _database(ports, "environment_registry", tmp_path)
        engine = await _database(ports, "infra_engine", tmp_path)
        try:
            await registry.execute("CREATE TABLE secret (word text)")
            assert await registry.fetchval("SELECT schemaname FROM pg_tables WHERE tablename = 'secret'") == (
                "environment_registry"
            )
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await engine.fetch("SELECT * FROM environment_registry.secret")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await engine.execute("CREATE TABLE public.anywhere (word text)")
        finally:
            await registry.close()
            await engine.close()


async def _database(ports: Ports, role: str, tmp_path: Path) -> asyncpg.Connection:
    password = _passwords(tmp_path / "state")[f"postgres.{role}"]
    return await asyncpg.connect(
        host="127.0.0.1", port=ports.postgres, user=role, password=password, database="provisioning"
    )


async def test_state_outlives_a_platform_without_a_sandbox(tmp_path: Path) -> None:
    ports = free()
    for statement in ("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)", "UPDATE kept SET n = n + 1"):
        async with Platform(tmp_path / "state", ports=ports, sandbox=False, services=()) as platform:
            connection = await _database(ports, "infra_engine", tmp_path)
            await connection.execute(statement)
            # As a power failure would: the next start recovers.
            await connection.close()
            await platform.kill("postgres")
            await platform.wait_ready("postgres")
            connection = await _database(ports, "infra_engine", tmp_path)
            value = await connection.fetchval("SELECT n FROM kept")
            await connection.close()
    assert value == 8


async def test_two_platforms_never_share_a_folder(platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"already running in .*: use that one"):
        async with Platform(tmp_path / "state", ports="auto", sandbox=False, services=()):
            pytest.fail("started")
    assert all(platform.processes.values())


async def test_an_interrupt_while_it_ends_does_not_break_the_end_off(tmp_path: Path) -> None:
    ending = Platform(tmp_path / "state", ports="auto", sandbox=False, services=())

    started = asyncio.Event()

    async def run() -> None:
        async with ending:
            started.set()

    running = asyncio.create_task(run())
    async with asyncio.timeout(60):
        await started.wait()
        while ending._state != "stopping":
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert not any(ending.processes.values())
    # Both are written by those who end in order, and stay when they are killed.
    assert not list((tmp_path / "state" / "run").glob("*.pid"))
    assert not (tmp_path / "state" / "postgres" / "postmaster.pid").exists()


async def test_kill_minus_nine_of_the_launcher_leaves_no_process(
    tmp_path: Path, living: Callable[[], list[str]]
) -> None:
    code = (
        "import asyncio, json\n"
        "from libs.embedded import Platform\n"
        "async def main():\n"
        f"    async with Platform({str(tmp_path / 'state')!r}, ports='auto', sandbox=False, services=()) as p:\n"
        "        print(json.dumps(p.processes), flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    launcher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert launcher.stdout is not None
        pids: dict[str, int] = json.loads(await launcher.stdout.readline())
        assert living()
    finally:
        launcher.send_signal(signal.SIGKILL)
        await launcher.wait()
    assert set(pids) == {"postgres", "nats-server"}
    async with asyncio.timeout(10):
        while living():
            await asyncio.sleep(0.02)
    # And the next one starts on what is left.
    async with Platform(tmp_path / "state", ports="auto", sandbox=False, services=()) as again:
        assert all(again.processes.values())
