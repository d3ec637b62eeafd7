"""What an interrupt must not break off is done whole, and the interrupt heard afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from libs.interrupts import held_interrupts
from libs.interrupts.whole import to_its_end

_ROOT = Path(__file__).parents[3]


async def test_a_cancellation_is_raised_when_the_work_is_done() -> None:
    started, go_on = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def work() -> None:
        started.set()
        await go_on.wait()
        done.append("whole")

    ending = asyncio.create_task(to_its_end(work()))
    await started.wait()
    for _ in range(2):
        ending.cancel()
        await asyncio.sleep(0)
    assert not ending.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert done == ["whole"]


async def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        await to_its_end(work())


def test_an_interrupt_is_held_until_the_child_is_known() -> None:
    noted: list[str] = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        os.kill(os.getpid(), signal.SIGINT)
        noted.append("the child")
    assert noted == ["the child"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_command_is_heard_of_before_its_imports() -> None:
    """Importing the package is what `python -m` does before the command's own code can answer a Ctrl-C."""
    code = "import libs.embedded, sys; print([name for name in sys.modules if name in ('grpc', 'asyncio')])"
    ended = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, timeout=60)
    assert ended.stdout == "[]\n", ended.stderr
