"""What the stores have in common: calls that block, done in threads, and how a lock is taken, kept and broken."""

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any

from libs.failures import Actor, Failure, Kind
from libs.state_stores.location import StateLocation
from libs.state_stores.store import LockObject, StoredState, WrittenByAnother

# How our locks are told from those of people who point plain Terraform at the place.
WHO = "beta9-provisioning"
_UNREADABLE = "an unreadable lock object"
# A lock that comes and goes while it is asked for is somebody's work in progress.
_TRIES = 3


class ThreadedStore(ABC):
    """A StateStore of calls that block. `token` is whatever the kind needs to replace or remove just that lock."""

    def __init__(self, location: StateLocation) -> None:
        self.location = location

    async def read(self, version: str = "") -> StoredState | None:
        return await asyncio.to_thread(self._read, version)

    async def write(self, raw: bytes, *, over: str | None, fence: int, run: str) -> StoredState:
        return await asyncio.to_thread(self._write, raw, over, fence, run)

    async def lock(self, *, run: str, operation: str, created: str) -> None:
        info = {
            "ID": run,
            "Operation": operation,
            "Info": "",
            "Who": WHO,
            "Version": "1",
            "Created": created,
            "Path": f"{self.location.bucket}/{self.location.key}",
        }
        await asyncio.to_thread(self._lock, json.dumps(info).encode())

    async def unlock(self) -> None:
        await asyncio.to_thread(self._unlock)

    async def holder(self) -> LockObject | None:
        found = await asyncio.to_thread(self._find_lock)
        return None if found is None else self._lock_object(*found)

    async def break_lock(self, lock_id: str) -> bool:
        return await asyncio.to_thread(self._break_lock, lock_id)

    @abstractmethod
    def _read(self, version: str) -> StoredState | None: ...

    @abstractmethod
    def _write(self, raw: bytes, over: str | None, fence: int, run: str) -> StoredState: ...

    def _written_before(self, raw: bytes, fence: int, run: str) -> StoredState:
        """After a write that was refused. Our own one whose answer was lost looks the same as another's: the object
        tells. Raises WrittenByAnother."""
        present = self._read("")
        if present is not None and (present.raw, present.fence, present.run) == (raw, fence, run):
            return present
        raise WrittenByAnother(self.location.uri)

    @abstractmethod
    def _create_lock(self, info: bytes) -> bool:
        """Makes the lock; False when there is one."""

    @abstractmethod
    def _find_lock(self) -> tuple[bytes, Any] | None:
        """The lock's content and its token; None when there is none."""

    @abstractmethod
    def _replace_lock(self, info: bytes, token: Any) -> bool:
        """Writes over the lock with that token; False when it is another by now, or gone."""

    @abstractmethod
    def _remove_lock(self, token: Any) -> None:
        """Removes the lock with that token; harmless when it is another by now, or gone."""

    def _lock_id(self, info: dict[str, Any], token: Any) -> str:
        return str(info.get("ID", ""))

    def _lock(self, info: bytes) -> None:
        held: LockObject | None = None
        for _ in range(_TRIES):
            if self._create_lock(info):
                return
            found = self._find_lock()
            if found is None:  # its holder let go in between
                continue
            held = self._lock_object(*found)
            if not held.ours:
                break
            if self._replace_lock(info, found[1]):
                return
        raise self._locked(held)

    def _unlock(self) -> None:
        found = self._find_lock()
        if found is not None and self._lock_object(*found).ours:
            self._remove_lock(found[1])

    def _break_lock(self, lock_id: str) -> bool:
        found = self._find_lock()
        if found is None or self._lock_object(*found).id != lock_id:
            return False
        self._remove_lock(found[1])
        return True

    def _lock_object(self, raw: bytes, token: Any) -> LockObject:
        try:
            info = json.loads(raw)
        except ValueError:
            info = None
        if not isinstance(info, dict):
            return LockObject(self._lock_id({}, token), _UNREADABLE, "", "", ours=False)
        who = str(info.get("Who") or "someone")
        operation, created = str(info.get("Operation", "")), str(info.get("Created", ""))
        return LockObject(self._lock_id(info, token), who, operation, created, ours=who == WHO)

    def _locked(self, held: LockObject | None) -> Failure:
        who = "someone" if held is None else f"{held.who} ({held.operation or '?'})"
        unlock = "beta9ctl state unlock" if held is None else f"terraform force-unlock {held.id}"
        return Failure(
            "STATE_LOCKED",
            f"The state is locked by {who}.",
            kind=Kind.ABORTED,
            retryable=True,
            actor=Actor.CUSTOMER,
            remedy=f"Wait until it ends, or run `{unlock}`, then retry.",
            resource_address=self.location.uri.removesuffix(self.location.key) + self.location.lock_key,
        )
