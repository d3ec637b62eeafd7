"""Where a state is shipped to: one object of a versioned bucket, written under conditions; threads do the calls."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import s3_client
from libs.failures import Actor, Failure, Kind

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_CONFLICT = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
# How our locks are told from those of people who point plain Terraform at the bucket.
_WHO = "beta9-provisioning"


class WrittenByAnother(Exception):
    """The object is not the one that was read or written last: another writer has it."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """The object as it is: its content, its etag, and the fence and run that it was written under."""

    raw: bytes
    etag: str
    object_version: str
    fence: int
    run: str


class StateStore:
    """One environment's state object, and the lock object beside it, as Terraform's S3 backend has them."""

    def __init__(self, access: AwsAccess, bucket: str, key: str, *, path_style: bool) -> None:
        self._access = access
        self._bucket = bucket
        self._key = key
        self._path_style = path_style
        self._client: Any = None

    async def read(self) -> StoredState | None:
        """The newest shipped state, None when there is none. Raises Failure."""
        return await asyncio.to_thread(self._read)

    async def write(self, raw: bytes, *, over: str | None, fence: int, run: str) -> StoredState:
        """Writes a state over the one with etag `over`, or where none is. Raises WrittenByAnother, Failure."""
        return await asyncio.to_thread(self._write, raw, over, fence, run)

    async def lock(self, *, run: str, operation: str, created: str) -> None:
        """Holds the lock object for outsiders; one that a run of ours left is taken over. Raises Failure."""
        await asyncio.to_thread(self._lock, run, operation, created)

    async def unlock(self) -> None:
        """Removes the lock object, if it is ours. Idempotent."""
        await asyncio.to_thread(self._unlock)

    def _read(self) -> StoredState | None:
        try:
            found = self._s3().get_object(Bucket=self._bucket, Key=self._key)
            raw = found["Body"].read()
        except Exception as error:
            if error_code(error) in _MISSING:
                return None
            raise self._failure(error, "read") from error
        return self._stored(raw, found, found.get("Metadata", {}))

    def _write(self, raw: bytes, over: str | None, fence: int, run: str) -> StoredState:
        metadata = {"fence": str(fence), "run": run}
        condition = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        try:
            put = self._s3().put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=raw,
                ContentType="application/json",
                Metadata=metadata,
                **condition,
            )
        except Exception as error:
            # A condition on an object that is gone is answered as a missing one.
            if error_code(error) not in _CONFLICT | _MISSING:
                raise self._failure(error, "write") from error
            # Our own write whose answer was lost looks the same as another's: the object tells.
            present = self._read()
            if present is not None and (present.raw, present.fence, present.run) == (raw, fence, run):
                return present
            raise WrittenByAnother(f"s3://{self._bucket}/{self._key}") from error
        return self._stored(raw, put, metadata)

    @staticmethod
    def _stored(raw: bytes, answer: dict[str, Any], metadata: dict[str, str]) -> StoredState:
        fence = metadata.get("fence", "0")
        return StoredState(
            raw,
            answer["ETag"],
            answer.get("VersionId", ""),
            int(fence) if fence.isdigit() else 0,
            metadata.get("run", ""),
        )

    def _lock(self, run: str, operation: str, created: str) -> None:
        info = {
            "ID": run,
            "Operation": operation,
            "Info": "",
            "Who": _WHO,
            "Version": "1",
            "Created": created,
            "Path": f"{self._bucket}/{self._key}",
        }
        place = {"Bucket": self._bucket, "Key": f"{self._key}.tflock"}
        try:
            self._s3().put_object(**place, Body=json.dumps(info).encode(), IfNoneMatch="*")
            return
        except Exception as error:
            if error_code(error) not in _CONFLICT:
                raise self._failure(error, "lock") from error
        holder, etag = self._holder()
        if not holder:  # its holder let go in between
            return self._lock(run, operation, created)
        if holder.get("Who") != _WHO:
            raise Failure(
                "STATE_LOCKED",
                f"The state is locked by {holder.get('Who', 'someone')} ({holder.get('Operation', '?')}).",
                kind=Kind.ABORTED,
                retryable=True,
                actor=Actor.CUSTOMER,
                remedy=f"Wait until it ends, or run `terraform force-unlock {holder.get('ID', '')}`, then retry.",
                resource_address=f"s3://{self._bucket}/{self._key}.tflock",
            )
        try:
            self._s3().put_object(**place, Body=json.dumps(info).encode(), IfMatch=etag)
        except Exception as error:
            raise self._failure(error, "lock") from error

    def _unlock(self) -> None:
        holder, _ = self._holder()
        if holder.get("Who") == _WHO:
            try:
                self._s3().delete_object(Bucket=self._bucket, Key=f"{self._key}.tflock")
            except Exception as error:
                raise self._failure(error, "unlock") from error

    def _holder(self) -> tuple[dict[str, str], str]:
        try:
            found = self._s3().get_object(Bucket=self._bucket, Key=f"{self._key}.tflock")
            return json.loads(found["Body"].read()), found["ETag"]
        except ValueError:
            return {"Who": "an unreadable lock object"}, ""
        except Exception as error:
            if error_code(error) in _MISSING:
                return {}, ""
            raise self._failure(error, "read the lock of") from error

    def _s3(self) -> Any:
        if self._client is None:
            self._client = s3_client(self._access, "infra-engine-state", path_style=self._path_style)
        return self._client

    def _failure(self, error: Exception, verb: str) -> Failure:
        place = f"s3://{self._bucket}/{self._key}"
        return aws_failure(error, self._access, f"{verb} the state {place}", place)
