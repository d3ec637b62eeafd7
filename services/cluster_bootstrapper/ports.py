"""What the core of this service needs from the outside, as protocols. Standard library only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]

Log = Callable[[str], Awaitable[None]]
"""Takes one line for the attempt's log. The callers never pass a secret to it."""

TokenSource = Callable[[], Awaitable[str]]
"""Gives a bearer token for a Kubernetes API that is valid for some minutes more."""


class ByteStream(Protocol):
    """One connection to a port of a pod."""

    async def read(self) -> bytes:
        """What has arrived; empty at end-of-file. Raises ConnectionError when the pod's side failed."""

    async def write(self, data: bytes) -> None:
        """Sends all of `data`."""

    async def close(self) -> None:
        """Ends the connection. Idempotent."""


class Kube(Protocol):
    """A Kubernetes API. Every method raises Failure (`CLUSTER_UNREACHABLE`, `CLUSTER_ACCESS_DENIED`, ...)."""

    async def get(self, path: str) -> Json | None:
        """The object at `path`, None if there is none."""

    async def list(self, path: str, *, label_selector: str = "", field_selector: str = "") -> list[Json]:
        """All items of a collection; an API group that is not served has none."""

    async def apply(self, path: str, manifest: Json) -> Json:
        """Server-side apply under this platform's field manager. Idempotent."""

    async def delete(self, path: str, *, propagation: str = "Background") -> bool:
        """Asks to delete; False if there was nothing. Finalizers may keep the object for a while."""

    def forward(self, namespace: str, pod: str, port: int) -> AbstractAsyncContextManager[ByteStream]:
        """A connection to `port` of a pod through the API's port-forward."""


@dataclass(frozen=True)
class ReleaseRevision:
    """One entry of a Helm release's history."""

    revision: int
    status: str
    chart: str


@dataclass(frozen=True)
class ChartInstall:
    """A release to bring about: the chart (a path, OCI reference or name), and where to get it.

    `secrets` are the strings inside `values` that must not reach a log or an error. `check_schema` is off for a
    chart whose schema is not whole without the network. `labels` go on Helm's own record of the release.
    """

    release: str
    namespace: str
    chart: str
    version: str
    repository: str
    values: Mapping[str, Any] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    timeout_seconds: int
    check_schema: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)


class Helm(Protocol):
    """The commands of Helm that this service uses. They raise Failure."""

    async def history(self, release: str, namespace: str) -> list[ReleaseRevision]:
        """Oldest first; empty if there is no such release."""

    async def upgrade(self, install: ChartInstall, log: Log) -> None:
        """`upgrade --install`, waiting until what it made is ready."""

    async def rollback(self, release: str, namespace: str, revision: int, log: Log) -> None:
        """Goes back to `revision`."""

    async def uninstall(self, release: str, namespace: str, log: Log) -> None:
        """Removes the release and waits for its objects to go; nothing to do if it is not there."""


class Secrets(Protocol):
    """The secret store of the customer's account. Values never appear in logs, errors or outputs."""

    async def read(self, secret_id: str) -> str:
        """The current value by ARN or name. Raises Failure `SECRET_NOT_FOUND`."""

    async def find(self, name: str) -> StoredSecret | None:
        """ARN and value of a secret by name; None if it does not exist or is about to be deleted."""

    async def create_once(self, name: str, value: str | None) -> StoredSecret:
        """The secret of that name as it is, or a new one with `value` (None: no value yet)."""

    async def put(self, name: str, value: str) -> None:
        """Stores a new current value of an existing secret."""

    async def schedule_deletion(self, name: str, recovery_days: int) -> str | None:
        """Deletes it after a time in which it can be restored, and gives its ARN; None if there is none. Idempotent."""


@dataclass(frozen=True)
class StoredSecret:
    """A secret's ARN, and its value if it has one."""

    arn: str
    value: str | None

    def __repr__(self) -> str:
        return f"StoredSecret(arn={self.arn!r}, value={'***' if self.value else None})"


@dataclass(frozen=True)
class CloudLeftover:
    """Something in AWS that Kubernetes made and that blocks a destroy: what, whose, and what to do about it."""

    kind: str
    arn: str
    owner: str
    action: str

    def __str__(self) -> str:
        return f"{self.kind} {self.arn} (of {self.owner}): {self.action}"


class CloudLeftovers(Protocol):
    """Finds in the customer's account what a cluster's controllers left."""

    async def cluster_exists(self) -> bool:
        """Whether EKS still knows the cluster."""

    async def find(self) -> list[CloudLeftover]:
        """What is left now, in no order."""

    async def remove(self, leftover: CloudLeftover) -> bool:
        """Deletes it if it holds no data; False if it may not be deleted here. Idempotent."""


@dataclass(frozen=True)
class AccessKey:
    """A static key of an IAM user."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


class AccessKeys(Protocol):
    """The static keys of an IAM user in the customer's account. IAM lets a user have two."""

    async def create(self, user: str) -> AccessKey:
        """A new key."""

    async def remove_except(self, user: str, kept: Callable[[str], bool]) -> list[str]:
        """Deletes the user's keys but those whose id is `kept`; gives the ids of the deleted. Idempotent."""
