"""Ships every change of a state at once, under the run's fence, and has it recorded."""

import asyncio
import logging
from typing import Protocol

from libs.failures import Failure
from libs.stages import LeaseLost
from libs.state_stores import StateStore, StoredState, WrittenByAnother
from services.infra_engine.terraform import (
    StartFrom,
    StateSnapshot,
    StateUnusable,
    WorkFolder,
    choose_state,
    empty_state,
    parse_state,
)
from services.infra_engine.terraform.work_folder import replace_file

_log = logging.getLogger(__name__)

_LONGEST_PAUSE = 5.0


class VersionLedger(Protocol):
    """Where shipped versions are recorded."""

    async def record(self, snapshot: StateSnapshot, stored: StoredState) -> None:
        """Records a version. Raises LeaseLost for a stale fence, Failure for what may be tried again."""


class StateShipper:
    """The shipping of one run. A write that fails is tried again until it succeeds or the lease is lost: nothing else
    may happen to the environment before its state is safe."""

    def __init__(self, store: StateStore, ledger: VersionLedger, *, run: str, fence: int) -> None:
        self._store = store
        self._ledger = ledger
        self._run = run
        self._fence = fence
        self._etag: str | None = None

    async def start(self, folder: WorkFolder) -> StateSnapshot | None:
        """Makes the work folder's state the newest there is, and the object ours, so that a zombie's write fails.

        Answers the state that the run starts with, None when there has never been one. Raises LeaseLost when a newer
        run has the object, Failure (STATE_UNUSABLE) when what is there cannot be trusted.
        """
        stored = await self._store.read()
        if stored is not None and stored.fence > self._fence:
            raise LeaseLost(f"the state was written under fence {stored.fence}")
        local = await asyncio.to_thread(folder.state_content)
        try:
            start = choose_state(local, None if stored is None else stored.raw)
        except StateUnusable as error:
            raise Failure(
                "STATE_UNUSABLE",
                str(error),
                remedy=f"Look into {folder.path} and the bucket's versions; see docs/runbook.md.",
                metadata={"cause": error.reason},
            ) from error
        self._etag = None if stored is None else stored.etag
        if start is StartFrom.NOTHING:
            return None
        raw = local if start is StartFrom.LOCAL else stored.raw if stored is not None else None
        snapshot = parse_state(raw) if raw is not None else None
        assert snapshot is not None  # choose_state answers for whole states alone
        if start is StartFrom.SHIPPED:
            await asyncio.to_thread(replace_file, folder.state, snapshot.raw)
        await self.ship(snapshot)
        return snapshot

    async def begin(self, folder: WorkFolder) -> StateSnapshot:
        """Ships the state of an environment that has nothing yet, and makes it the work folder's.

        Terraform makes an empty file at its start and writes it with the first resource. Ended in between it leaves
        what nobody can tell from a file that was cut in a write; now there is a shipped state to go back to.
        """
        snapshot = empty_state()
        await self.ship(snapshot)
        await asyncio.to_thread(replace_file, folder.state, snapshot.raw)
        return snapshot

    async def ship(self, snapshot: StateSnapshot) -> None:
        """Returns once the state is in the bucket and on record. Raises LeaseLost."""
        pause = 0.2
        raw = _sealed(snapshot.raw, self._fence)
        stored: StoredState | None = None
        while True:
            try:
                if stored is None:
                    stored = await self._store.write(raw, over=self._etag, fence=self._fence, run=self._run)
                    self._etag = stored.etag
                await self._ledger.record(snapshot, stored)
                return
            except WrittenByAnother as error:
                raise LeaseLost(str(error)) from error
            except Failure as failure:
                _log.warning("state %s: serial %d is not safe yet: %s", self._run, snapshot.serial, failure)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)


def _sealed(raw: bytes, fence: int) -> bytes:
    """The state as this owner writes it: JSON ends where it ended, and the white space behind it tells owners apart.

    An etag can be a digest of the content alone, so that a new owner who wrote the very same bytes would leave the
    object as a zombie knows it, and the zombie's conditional put would succeed.
    """
    return raw.rstrip() + b"\n" + b" " * (fence % 97)
