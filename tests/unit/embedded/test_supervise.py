"""A process under supervision: real ones, small and quick."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from libs.embedded import supervise
from libs.embedded.failures import PlatformError
from libs.embedded.layout import Layout
from libs.embedded.specs import Spec
from libs.embedded.supervise import Supervised

Make = Callable[..., Supervised]

_FOREVER = "import signal; print('up', flush=True); signal.pause()"
_STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile 1: signal.pause()"
)


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    monkeypatch.setattr(supervise, "_FIRST_PAUSE", 0.01)
    layout = Layout(tmp_path)
    layout.make()
    made: list[Supervised] = []

    async def silent(listener: str) -> bool:
        return False

    def build(code: str, **settings: object) -> Supervised:
        spec = Spec("x", (sys.executable, "-c", code), {}, **settings)  # type: ignore[arg-type]
        made.append(Supervised(spec, layout, ask=silent))
        return made[-1]

    yield build
    for process in made:
        await process.stop()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def _said(process: Supervised, word: str, times: int = 1) -> None:
    """Wait until its log has the word so many times."""
    await _until(lambda: process.log.exists() and process.log.read_text().count(word) >= times)


async def test_what_ends_by_itself_is_started_again(make: Make, tmp_path: Path) -> None:
    process = make(_FOREVER)
    await process.start()
    await _said(process, "up")
    first = process.pid
    await process.send(signal.SIGKILL)
    assert process.pid is None
    await process.wait_ready(10)
    await _said(process, "up", 2)
    assert process.pid != first
    assert process.restarts == 1
    assert (tmp_path / "run" / "x.pid").read_text() == f"{process.pid}\n"
    assert "ended with signal SIGKILL" in process.log.read_text()


async def test_a_word_in_the_log_tells_readiness_and_an_old_one_does_not_count(make: Make) -> None:
    process = make(_FOREVER, ready_word="up")
    await process.start()
    await process.wait_ready(10)
    await process.send(signal.SIGKILL)
    await process.wait_ready(10)
    assert process.log.read_text().count("up") == 2


async def test_what_is_stopped_stays_stopped(make: Make, tmp_path: Path) -> None:
    process = make(_FOREVER)
    await process.start()
    await _said(process, "up")
    await process.stop()
    assert process.pid is None
    assert process.restarts == 0
    assert not (tmp_path / "run" / "x.pid").exists()
    with pytest.raises(PlatformError, match="x is not running, so it cannot be sent SIGKILL"):
        await process.send(signal.SIGKILL)


async def test_what_does_not_end_in_time_is_killed(make: Make) -> None:
    process = make(_STUBBORN, patience=0.1)
    await process.start()
    await _said(process, "up")
    await process.stop()
    assert process.pid is None
    assert "did not end in 0 s of SIGTERM: killed" in process.log.read_text()


async def test_a_crash_loop_is_told_with_the_end_of_the_log(make: Make) -> None:
    process = make("import sys; sys.exit('no database')", listener="infra_engine")
    await process.start()
    with pytest.raises(PlatformError, match=r"x has ended; see .*x\.log, which ends with:\n(.*\n)*.*no database"):
        await process.wait_ready(10)


async def test_one_that_may_not_be_started_again_is_not(make: Make) -> None:
    process = make("pass", restart=False)
    await process.start()
    with pytest.raises(PlatformError, match="x has ended"):
        async with asyncio.timeout(10):
            while True:
                await process.wait_ready(10)
                await asyncio.sleep(0.005)
    assert process.restarts == 0


async def test_a_program_that_does_not_exist_is_named_in_the_log(make: Make) -> None:
    process = make("")
    process.spec = Spec("x", ("/absent/program",), {}, restart=False)
    await process.start()
    await _said(process, "/absent/program: No such file or directory")


async def test_run_once_gives_the_exit_code_and_minds_the_time(make: Make) -> None:
    assert await make("import sys; sys.exit(3)").run_once(10) == 3
    slow = make(_FOREVER)
    with pytest.raises(PlatformError, match="x did not end within 0 s"):
        await slow.run_once(0.05)
    assert slow.pid is None


async def test_it_dies_with_a_killed_launcher(tmp_path: Path) -> None:
    """kill -9 leaves no chance to tidy up: the kernel does it."""
    launcher = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from libs.embedded.layout import Layout\n"
        "from libs.embedded.specs import Spec\n"
        "from libs.embedded.supervise import Supervised\n"
        "async def main():\n"
        f"    layout = Layout(Path({str(tmp_path)!r})); layout.make()\n"
        f"    process = Supervised(Spec('x', (sys.executable, '-c', {_STUBBORN!r}), {{}}), layout)\n"
        "    await process.start()\n"
        "    print(process.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", launcher, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    log = tmp_path / "log" / "x.log"
    await _until(lambda: bool(log.read_text()))
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await _until(lambda: not _alive(child))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
