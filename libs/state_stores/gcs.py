"""A state in a bucket of Google Cloud Storage, with the lock object that Terraform's `gcs` backend makes.

Who calls is what the SDK finds by itself (Application Default Credentials); STORAGE_EMULATOR_HOST moves the endpoint.
"""

import warnings
from typing import Any

from libs.failures import Actor, Failure, Kind
from libs.state_stores.location import StateLocation
from libs.state_stores.store import StoredState, metadata_of
from libs.state_stores.threaded import ThreadedStore

# Of one call, in seconds; and how often a state that is replaced while it is read is read again.
_TIMEOUT, _TRIES = 30, 3
# What is missing, and what is of another generation than the one that was named.
_MISSING, _ANOTHER = 404, 412


class GCSStateStore(ThreadedStore):
    """See StateStore. Writes are conditional on the generation; every one is a version of a versioned bucket."""

    def __init__(self, location: StateLocation) -> None:
        super().__init__(location)
        self._found: Any = None

    def _read(self, version: str) -> StoredState | None:
        if version:
            return self._content(int(version)) if version.isdigit() else None
        for _ in range(_TRIES):
            blob = self._call("read", lambda: self._bucket().get_blob(self.location.key, timeout=_TIMEOUT))
            if blob is None:
                return None
            if (stored := self._content(blob.generation)) is not None:
                return stored
        raise self._failure(TimeoutError("replaced while it was read"), "read")

    def _content(self, generation: int) -> StoredState | None:
        blob = self._bucket().blob(self.location.key, generation=generation)

        def work() -> StoredState:
            raw = blob.download_as_bytes(timeout=_TIMEOUT)
            blob.reload(timeout=_TIMEOUT)
            return StoredState.of(raw, str(generation), str(generation), blob.metadata or {})

        return self._call("read", work, none_for=(_MISSING,))  # type: ignore[no-any-return]

    def _write(self, raw: bytes, over: str | None, fence: int, run: str) -> StoredState:
        metadata = metadata_of(fence, run)
        generation = self._put(self.location.key, raw, int(over or 0), metadata)
        if generation is None:
            return self._written_before(raw, fence, run)
        return StoredState.of(raw, str(generation), str(generation), metadata)

    def _create_lock(self, info: bytes) -> bool:
        return self._put(self.location.lock_key, info, 0, {}) is not None

    def _replace_lock(self, info: bytes, token: Any) -> bool:
        return self._put(self.location.lock_key, info, token, {}) is not None

    def _find_lock(self) -> tuple[bytes, Any] | None:
        def work() -> tuple[bytes, Any] | None:
            blob = self._bucket().get_blob(self.location.lock_key, timeout=_TIMEOUT)
            return None if blob is None else (blob.download_as_bytes(timeout=_TIMEOUT), blob.generation)

        return self._call("read the lock of", work, none_for=(_MISSING,))  # type: ignore[no-any-return]

    def _remove_lock(self, token: Any) -> None:
        blob = self._bucket().blob(self.location.lock_key)
        self._call(
            "unlock", lambda: blob.delete(if_generation_match=token, timeout=_TIMEOUT), none_for=(_MISSING, _ANOTHER)
        )

    def _lock_id(self, info: dict[str, Any], token: Any) -> str:
        """Terraform's backend takes the lock object's generation for the lock's id."""
        return str(token)

    def _put(self, key: str, raw: bytes, over: int, metadata: dict[str, str]) -> int | None:
        """The new generation; None when the present one is not `over`."""
        blob = self._bucket().blob(key, kms_key_name=self.location.kms_key or None)
        blob.metadata = metadata

        def work() -> int:
            blob.upload_from_string(
                raw, content_type="application/json", if_generation_match=over, timeout=_TIMEOUT
            )  # fmt: skip
            return int(blob.generation)

        return self._call("write", work, none_for=(_ANOTHER,))  # type: ignore[no-any-return]

    def _call(self, verb: str, work: Any, *, none_for: tuple[int, ...] = ()) -> Any:
        """What `work` answers; None for the errors with those codes. Raises Failure."""
        try:
            return work()
        except Exception as error:
            if getattr(error, "code", None) in none_for:
                return None
            raise self._failure(error, verb) from error

    def _bucket(self) -> Any:
        if self._found is None:
            self._found = _client().bucket(self.location.bucket)
        return self._found

    def _failure(self, error: Exception, verb: str) -> Failure:
        code = getattr(error, "code", None)
        told = code or type(error).__name__
        denied = code in (401, 403) or "Credentials" in type(error).__name__
        return Failure(
            "GCS_PERMISSION_DENIED" if denied else "GCS_CALL_FAILED",
            f"Google Cloud Storage did not let us {verb} the state {self.location.uri} ({told}).",
            kind=Kind.PERMISSION_DENIED if denied else Kind.UNAVAILABLE,
            retryable=not denied,
            actor=Actor.CUSTOMER if denied else Actor.PLATFORM,
            remedy=(
                f"Give the platform's service account roles/storage.objectAdmin on gs://{self.location.bucket}."
                if denied
                else "It is tried again by itself; look for the bucket and this service's way to it if it stays."
            ),
            resource_address=self.location.uri,
            private=str(error),
        )


def check_bucket(name: str) -> None:
    """Raises Failure (STATE_BUCKET_NOT_USABLE) unless the bucket is there, readable and versioned. Blocks."""
    try:
        bucket = _client().lookup_bucket(name, timeout=_TIMEOUT)
        why = "is not there" if bucket is None else "" if bucket.versioning_enabled else "keeps no versions"
    except Exception as error:
        why = f"cannot be looked at ({getattr(error, 'code', None) or type(error).__name__})"
    if why:
        raise Failure(
            "STATE_BUCKET_NOT_USABLE",
            f"The state bucket gs://{name} {why}.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.CUSTOMER,
            remedy=f"Make gs://{name} with versioning; give the platform's service account roles/storage.admin on it.",
            resource_address=f"gs://{name}",
        )


def _client() -> Any:
    with warnings.catch_warnings():
        # It would like another grpcio than the one that is pinned, and needs none here.
        warnings.simplefilter("ignore", FutureWarning)
        from google.cloud import storage
    return storage.Client(project=None)
