"""Children under their supervisor: what they say, how they end, and that nothing of them stays."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from libs.processes import CannotStart, ExecutableNotFound, allowed_environment, run, spawn

ENV = allowed_environment()
PYTHON = sys.executable
ROOT = Path(__file__).resolve().parents[3]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def gone(pids: list[int], within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        await asyncio.sleep(0.01)
    return False


# Prints the pids of itself, of a child in its group, and of a child in a session of its own, then waits.
TREE = textwrap.dedent(
    """
    import os, subprocess, sys, time
    a = subprocess.Popen(["sleep", "300"])
    b = subprocess.Popen(["sleep", "300"], start_new_session=True)
    print(os.getpid(), a.pid, b.pid, flush=True)
    time.sleep(300)
    """
)


async def test_output_and_exit_code() -> None:
    script = "import sys; print('one'); print('two'); print('bad', file=sys.stderr); sys.exit(3)"
    async with spawn([PYTHON, "-c", script], env=ENV) as child:
        assert [line async for line in child.stdout_lines()] == ["one", "two"]
        status = await child.wait()
    assert (status.code, status.signal) == (3, None)
    assert not status.ok
    assert child.stderr_tail() == "bad"


async def test_a_line_far_longer_than_asyncios_limit_arrives_whole() -> None:
    finished = await run([PYTHON, "-c", "print('x' * 3_000_000)"], env=ENV)
    assert finished.stdout == "x" * 3_000_000


async def test_input_reaches_the_child() -> None:
    finished = await run(["cat"], env=ENV, input_text="hello\n" * 50_000)
    assert finished.stdout == "\n".join(["hello"] * 50_000)


async def test_only_the_allowed_environment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "s3cr3t")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    finished = await run(["env"], env=allowed_environment(prefixes=("AWS_",), extra={"X": "1"}))
    lines = finished.stdout.splitlines()
    assert "AWS_REGION=us-east-1" in lines
    assert "X=1" in lines
    assert "s3cr3t" not in finished.stdout


async def test_interrupt_reaches_the_program_alone() -> None:
    script = textwrap.dedent(
        """
        import os, signal, subprocess, sys
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
        # No print: the signal may come while "ready" is still being printed.
        signal.signal(signal.SIGINT, lambda *_: (os.write(1, f"{other.poll()}\\n".encode()), sys.exit(7)))
        print("ready", flush=True)
        signal.pause()
        """
    )
    async with spawn([PYTHON, "-c", script], env=ENV) as child:
        assert await child.read_line() == "ready"
        child.interrupt()
        assert await child.read_line() == "None"
        status = await child.wait()
    assert status.code == 7


async def test_kill_ends_the_group_and_what_left_it() -> None:
    async with spawn([PYTHON, "-c", TREE], env=ENV) as child:
        pids = [int(pid) for pid in (await child.read_line() or "").split()]
        assert len(pids) == 3
        status = await child.kill()
    assert status.signal == signal.SIGKILL
    assert [pid for pid in pids if alive(pid)] == []


async def test_what_a_program_leaves_behind_is_ended_with_it() -> None:
    script = "import subprocess; print(subprocess.Popen(['sleep', '300'], stdout=subprocess.DEVNULL).pid)"
    async with spawn([PYTHON, "-c", script], env=ENV) as child:
        pid = int(await child.read_line() or "")
        assert (await child.wait()).ok
        assert not alive(pid)


async def test_leaving_the_context_ends_a_child_that_floods_its_pipes() -> None:
    async with spawn(["yes"], env=ENV) as child:
        assert await child.read_line() == "y"
    assert not alive(child.pid)


async def test_cancelling_the_owner_ends_the_child() -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def own() -> None:
        async with spawn(["sleep", "300"], env=ENV) as child:
            started.set_result(child.pid)
            await child.wait()

    task = asyncio.create_task(own())
    pid = await started
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert not alive(pid)


async def test_time_limit_leaves_nothing() -> None:
    with pytest.raises(TimeoutError):
        await run(["sleep", "300"], env=ENV, time_limit=0.3)


async def test_unknown_program_and_refused_program(tmp_path: Path) -> None:
    with pytest.raises(ExecutableNotFound, match="PATH"):
        await run(["no-such-program-here"], env=ENV)
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(CannotStart, match="No such file"):
        await run([str(broken)], env=ENV)
    with pytest.raises(CannotStart):
        await run(["true"], env=ENV, cwd=tmp_path / "absent")


OWNER = textwrap.dedent(
    """
    import asyncio, sys
    from libs.processes import allowed_environment, spawn

    async def main():
        argv = [sys.executable, "-c", sys.argv[1]]
        async with spawn(argv, env=allowed_environment(), orphan_grace=float(sys.argv[2])) as child:
            async for line in child.stdout_lines():
                print(line, flush=True)

    asyncio.run(main())
    """
)


def start_owner(script: str, grace: float) -> subprocess.Popen[str]:
    argv = [PYTHON, "-c", OWNER, script, str(grace)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)


async def test_killing_the_owner_ends_the_whole_tree() -> None:
    with start_owner(TREE, grace=0) as owner:
        assert owner.stdout is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        assert len(pids) == 3
        assert all(alive(pid) for pid in pids)
        owner.kill()
    assert await gone(pids)


async def test_killing_the_owner_gives_the_program_its_grace(tmp_path: Path) -> None:
    note = tmp_path / "saved"
    script = textwrap.dedent(
        f"""
        import os, signal, sys, time
        def save(*_):
            time.sleep(0.2)
            open({str(note)!r}, "w").write("state")
            sys.exit(0)
        signal.signal(signal.SIGINT, save)
        print(os.getpid(), flush=True)
        while True:
            time.sleep(1)
        """
    )
    with start_owner(script, grace=30) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        os.kill(owner.pid, signal.SIGKILL)
    assert await gone([pid])
    assert note.read_text() == "state"


async def test_killing_the_supervisor_ends_the_group_as_well() -> None:
    async with spawn([PYTHON, "-c", TREE.replace(", start_new_session=True", "")], env=ENV) as child:
        pids = [int(pid) for pid in (await child.read_line() or "").split()]
        child._supervisor.kill()
        status = await child.wait()
    assert status.signal == signal.SIGKILL
    assert await gone(pids)
