"""`StateStore`: what every kind of store does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class WrittenByAnother(Exception):
    """The object is not the one that was read or written last: another writer has it."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """The object as it is: its content, its etag, and the fence and run that it was written under.

    `etag` is what the next write names as the object that it replaces: S3's etag, or the generation of GCS.
    """

    raw: bytes = field(repr=False)
    etag: str
    object_version: str
    fence: int
    run: str

    @classmethod
    def of(cls, raw: bytes, etag: str, object_version: str, metadata: Mapping[str, str]) -> "StoredState":
        """The object with the metadata that `metadata_of` gave it; one that others wrote has fence 0."""
        fence = metadata.get("fence", "0")
        return cls(raw, etag, object_version, int(fence) if fence.isdigit() else 0, metadata.get("run", ""))


def metadata_of(fence: int, run: str) -> dict[str, str]:
    """What an object tells of its writer."""
    return {"fence": str(fence), "run": run}


@dataclass(frozen=True, slots=True)
class LockObject:
    """The lock as outsiders see it. `id` is what `terraform force-unlock` wants; `ours` says that the platform made it;
    `created` is what its maker wrote there, if anything."""

    id: str
    who: str
    operation: str
    created: str
    ours: bool


class StateStore(Protocol):
    """One environment's state object, and the lock beside it, as Terraform's backend of that kind has them."""

    async def read(self, version: str = "") -> StoredState | None:
        """The newest shipped state, or the one with that object version; None when there is none. Raises Failure."""

    async def write(self, raw: bytes, *, over: str | None, fence: int, run: str) -> StoredState:
        """Writes a state over the one with etag `over`, or where none is. A repeat of the same write, whose answer was
        lost, answers the first. Raises WrittenByAnother, Failure."""

    async def lock(self, *, run: str, operation: str, created: str) -> None:
        """Holds the lock for outsiders; one that a run of ours left is taken over.

        Raises Failure (STATE_LOCKED) for another's, which is never broken by itself.
        """

    async def unlock(self) -> None:
        """Removes the lock, if it is ours. Idempotent. Raises Failure."""

    async def holder(self) -> LockObject | None:
        """Who holds the lock; None when nobody does. Raises Failure."""

    async def break_lock(self, lock_id: str) -> bool:
        """Removes the lock, whoever's it is, if `lock_id` is its id; False when it is not. Raises Failure."""
