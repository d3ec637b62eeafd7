"""Starts a child under its supervisor."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from libs.processes.child import Child
from libs.processes.errors import CannotStart, ExecutableNotFound

# Terraform's JSON lines and a synthesized stack are longer than asyncio's 64 KiB.
LINE_LIMIT = 16 * 1024 * 1024

_SUPERVISOR = Path(__file__).with_name("supervisor.py")


def find_executable(program: str, env: Mapping[str, str]) -> str:
    """The absolute path of `program` by the child's own PATH; raises `ExecutableNotFound`."""
    found = shutil.which(program, path=env.get("PATH", os.defpath))
    if found is None:
        raise ExecutableNotFound(program)
    return os.path.abspath(found)


@asynccontextmanager
async def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str | None = None,
    stdin: bool = False,
    orphan_grace: float = 0.0,
    line_limit: int = LINE_LIMIT,
    on_stderr: Callable[[str], None] | None = None,
    stderr_lines: int = 200,
) -> AsyncIterator[Child]:
    """Runs `argv` with exactly `env`, in a session of its own, under a supervisor.

    When this process dies, even by SIGKILL, everything that the child started is ended: at once, or after one
    SIGINT to the child and `orphan_grace` seconds. Leaving the context ends it too, and returns when nothing
    of it lives. `stdin` gives the child a pipe (otherwise it reads end-of-file).
    Raises `ExecutableNotFound` or `CannotStart`.
    """
    program = find_executable(argv[0], env)
    async with AsyncExitStack() as stack:
        their_control, control = os.pipe()
        report, their_report = os.pipe()
        stack.callback(os.close, control)  # end-of-file: whatever still runs ends
        reports = await _reader(report)
        try:
            supervisor = await asyncio.create_subprocess_exec(
                # -I and -S: a fast start without site-packages; PYTHON* is meant for the child alone.
                *(sys.executable, "-I", "-S", str(_SUPERVISOR)),
                *(str(their_control), str(their_report), str(orphan_grace), program, *argv[1:]),
                stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=dict(env),
                cwd=cwd,
                pass_fds=(their_control, their_report),
                start_new_session=True,
                limit=line_limit,
            )
        except OSError as error:
            raise CannotStart(argv[0], error.strerror or str(error)) from error
        finally:
            os.close(their_control)
            os.close(their_report)
            # The reader closes itself at end-of-file, which has come for certain if nothing was started.
        pid = await _started(reports, argv[0], supervisor)
        child = Child(supervisor, control, reports, pid, on_stderr=on_stderr, stderr_lines=stderr_lines)
        try:
            yield child
        finally:
            await _finish(child)
            if supervisor.stdin is not None:
                supervisor.stdin.close()


async def _reader(fd: int) -> asyncio.StreamReader:
    """A stream over the read end of a pipe; its transport closes the pipe at end-of-file."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
    )
    return reader


async def _started(reports: asyncio.StreamReader, program: str, supervisor: asyncio.subprocess.Process) -> int:
    kind, _, value = (await reports.readline()).decode().strip().partition(" ")
    if kind == "s":
        return int(value)
    # Both are read to their end, so that no transport stays open behind the error.
    _, errors = await supervisor.communicate()
    reason = os.strerror(int(value)) if kind == "e" else errors.decode("utf-8", "replace").strip()[-500:]
    raise CannotStart(program, reason or "its supervisor ended before it")


async def _finish(child: Child) -> None:
    """Kills to the end even when the owner is cancelled meanwhile."""
    ending = asyncio.ensure_future(child.kill())
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await ending
        raise
