"""A state in an S3 bucket, with the lock object that Terraform's `use_lockfile` makes."""

from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import s3_client
from libs.failures import Failure
from libs.state_stores.location import StateLocation
from libs.state_stores.store import StoredState, metadata_of
from libs.state_stores.threaded import ThreadedStore

_MISSING = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchVersion"})
_CONFLICT = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
SESSION = "state-store"


class S3StateStore(ThreadedStore):
    """See StateStore. Writes are conditional on the etag; every one is a version of a versioned bucket."""

    def __init__(self, access: AwsAccess, location: StateLocation, *, path_style: bool) -> None:
        super().__init__(location)
        self._access = access
        self._path_style = path_style
        self._client: Any = None

    def _read(self, version: str) -> StoredState | None:
        which = {"VersionId": version} if version else {}
        try:
            found = self._s3().get_object(**self._place(), **which)
            raw = found["Body"].read()
        except Exception as error:
            if error_code(error) in _MISSING:
                return None
            raise self._failure(error, "read") from error
        return _stored(raw, found, found.get("Metadata", {}))

    def _write(self, raw: bytes, over: str | None, fence: int, run: str) -> StoredState:
        metadata = metadata_of(fence, run)
        condition = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        try:
            put = self._s3().put_object(
                **self._place(),
                Body=raw,
                ContentType="application/json",
                Metadata=metadata,
                **condition,
                **self._encryption(),
            )
        except Exception as error:
            # A condition on an object that is gone is answered as a missing one.
            if error_code(error) not in _CONFLICT | _MISSING:
                raise self._failure(error, "write") from error
            return self._written_before(raw, fence, run)
        return _stored(raw, put, metadata)

    def _create_lock(self, info: bytes) -> bool:
        return self._put_lock(info, {"IfNoneMatch": "*"})

    def _replace_lock(self, info: bytes, token: Any) -> bool:
        return self._put_lock(info, {"IfMatch": token})

    def _put_lock(self, info: bytes, condition: dict[str, str]) -> bool:
        try:
            self._s3().put_object(**self._lock_place(), Body=info, **condition, **self._encryption())
        except Exception as error:
            if error_code(error) in _CONFLICT | _MISSING:
                return False
            raise self._failure(error, "lock") from error
        return True

    def _find_lock(self) -> tuple[bytes, Any] | None:
        try:
            found = self._s3().get_object(**self._lock_place())
            return found["Body"].read(), found["ETag"]
        except Exception as error:
            if error_code(error) in _MISSING:
                return None
            raise self._failure(error, "read the lock of") from error

    def _remove_lock(self, token: Any) -> None:
        # Not conditional: S3 look-alikes and older regions do not know a condition on a delete.
        try:
            self._s3().delete_object(**self._lock_place())
        except Exception as error:
            raise self._failure(error, "unlock") from error

    def _place(self) -> dict[str, str]:
        return {"Bucket": self.location.bucket, "Key": self.location.key}

    def _lock_place(self) -> dict[str, str]:
        return {"Bucket": self.location.bucket, "Key": self.location.lock_key}

    def _encryption(self) -> dict[str, str]:
        key = self.location.kms_key
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}

    def _s3(self) -> Any:
        if self._client is None:
            self._client = s3_client(self._access, SESSION, path_style=self._path_style)
        return self._client

    def _failure(self, error: Exception, verb: str) -> Failure:
        return aws_failure(error, self._access, f"{verb} the state {self.location.uri}", self.location.uri)


def _stored(raw: bytes, answer: dict[str, Any], metadata: dict[str, str]) -> StoredState:
    return StoredState.of(raw, answer["ETag"], answer.get("VersionId", ""), metadata)
