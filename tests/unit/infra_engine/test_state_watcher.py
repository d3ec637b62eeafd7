"""Following a state file that is truncated and written in place."""

import asyncio
import json
from pathlib import Path

from services.infra_engine.terraform import StateSnapshot, StateWatcher, parse_state


def state(serial: int, lineage: str = "L") -> bytes:
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "resources": []}).encode()


class Following:
    """Collects what a watcher yields."""

    def __init__(self, watcher: StateWatcher) -> None:
        self._watcher = watcher
        self._queue: asyncio.Queue[int] = asyncio.Queue()
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for snapshot in self._watcher.changes():
            self._queue.put_nowait(snapshot.serial)

    async def next(self) -> int:
        async with asyncio.timeout(5):
            return await self._queue.get()

    async def rest(self) -> list[int]:
        self._watcher.stop()
        await self._task
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]


async def test_each_newer_whole_state_is_given_once(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    watcher = StateWatcher(path, interval=60)
    following = Following(watcher)
    for serial in (1, 2, 3):
        path.write_bytes(state(serial))
        watcher.poke()
        assert await following.next() == serial
    watcher.poke()
    assert await following.rest() == []
    assert watcher.last == parse_state(state(3))


async def test_it_looks_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    following = Following(StateWatcher(path, interval=0.01))
    path.write_bytes(state(1))
    assert await following.next() == 1
    assert await following.rest() == []


async def test_a_torn_file_is_passed_over_even_if_its_time_stamp_stays(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    watcher = StateWatcher(path, interval=60)
    following = Following(watcher)
    path.write_bytes(state(1))
    watcher.poke()
    assert await following.next() == 1
    path.write_bytes(b"")
    watcher.poke()
    path.write_bytes(state(2)[:-5])
    watcher.poke()
    path.write_bytes(state(2))
    watcher.poke()
    assert await following.next() == 2
    assert await following.rest() == []


async def test_older_and_foreign_states_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    known = parse_state(state(5))
    watcher = StateWatcher(path, known=known, interval=60)
    following = Following(watcher)
    for content in (state(5), state(4), state(9, "another")):
        path.write_bytes(content)
        watcher.poke()
        await asyncio.sleep(0)
    assert await following.rest() == []
    assert watcher.last == known


async def test_the_last_state_is_never_missed(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    watcher = StateWatcher(path, interval=60)
    following = Following(watcher)
    await asyncio.sleep(0)
    path.write_bytes(state(8))
    assert await following.rest() == [8]
    assert isinstance(watcher.last, StateSnapshot)
