"""Stand-ins for what the core reaches through its ports; they keep what they were asked."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.ports import (
    ByteStream,
    ChartInstall,
    CloudLeftover,
    Json,
    Log,
    ReleaseRevision,
    StoredSecret,
)


class FakeKube:
    """Objects by path. `finalizers` of a deleted object must be empty before it goes; `on_get` may change things."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.calls: list[str] = []
        self.fail: list[Failure] = []
        self.on_list: Callable[[str], None] = lambda path: None

    def put(self, path: str, manifest: Json) -> None:
        self.objects[path] = manifest

    async def get(self, path: str) -> Json | None:
        return copy.deepcopy(self.objects.get(path))

    async def list(self, path: str, *, label_selector: str = "", field_selector: str = "") -> list[Json]:
        self.on_list(path)
        if self.fail:
            raise self.fail.pop(0)
        wanted = dict(pair.split("=") for pair in label_selector.split(",") if pair)
        return [
            copy.deepcopy(item)
            for key, item in self.objects.items()
            if _in_collection(path, key) and wanted.items() <= (item["metadata"].get("labels") or {}).items()
        ]

    async def apply(self, path: str, manifest: Json) -> Json:
        self.calls.append(f"apply {path}")
        self.objects[path] = manifest
        return manifest

    async def delete(self, path: str, *, propagation: str = "Background") -> bool:
        self.calls.append(f"delete {path}")
        item = self.objects.get(path)
        if item is None:
            return False
        if item["metadata"].get("finalizers"):
            item["metadata"]["deletionTimestamp"] = "now"
        else:
            del self.objects[path]
        return True

    def forward(self, namespace: str, pod: str, port: int) -> AbstractAsyncContextManager[ByteStream]:
        raise NotImplementedError


def _in_collection(collection: str, path: str) -> bool:
    """Whether the object at `path` is in a collection, which may span namespaces."""
    prefix, _, plural = collection.rpartition("/")
    parent, _, name = path.rpartition("/")
    if parent == collection:
        return True
    return parent.startswith(f"{prefix}/namespaces/") and parent.endswith(f"/{plural}") and bool(name)


class FakeHelm:
    """Releases and their histories; every command is in `calls`."""

    def __init__(self) -> None:
        self.histories: dict[str, list[ReleaseRevision]] = {}
        self.calls: list[str] = []
        self.fail: Failure | None = None

    def have(self, release: str, *statuses: str) -> None:
        self.histories[release] = [
            ReleaseRevision(number, status, "chart-1") for number, status in enumerate(statuses, start=1)
        ]

    async def history(self, release: str, namespace: str) -> list[ReleaseRevision]:
        return list(self.histories.get(release, []))

    async def upgrade(self, install: ChartInstall, log: Log) -> None:
        self.calls.append(f"upgrade {install.release}")
        if self.fail is not None:
            raise self.fail

    async def rollback(self, release: str, namespace: str, revision: int, log: Log) -> None:
        self.calls.append(f"rollback {release} {revision}")

    async def uninstall(self, release: str, namespace: str, log: Log) -> None:
        self.calls.append(f"uninstall {release}")


class FakeSecrets:
    """Secrets by name; every call is in `calls`, without values."""

    def __init__(self) -> None:
        self.values: dict[str, str | None] = {}
        self.calls: list[str] = []

    async def read(self, secret_id: str) -> str:
        value = self.values.get(secret_id.removeprefix("arn:secret:"))
        if value is None:
            raise Failure(reason="SECRET_NOT_FOUND", message=secret_id)
        return value

    async def find(self, name: str) -> StoredSecret | None:
        return StoredSecret(f"arn:secret:{name}", self.values[name]) if name in self.values else None

    async def create_once(self, name: str, value: str | None) -> StoredSecret:
        self.calls.append(f"create_once {name}")
        self.values.setdefault(name, value)
        return StoredSecret(f"arn:secret:{name}", self.values[name])

    async def put(self, name: str, value: str) -> None:
        self.calls.append(f"put {name}")
        self.values[name] = value

    async def schedule_deletion(self, name: str, recovery_days: int) -> str | None:
        self.calls.append(f"schedule_deletion {name} {recovery_days}")
        return f"arn:secret:{name}" if self.values.pop(name, None) is not None else None


class FakeCloud:
    """What AWS still has; `rounds` is given out look by look, the last one for ever."""

    def __init__(self, *rounds: list[CloudLeftover], exists: bool = True) -> None:
        self.rounds = list(rounds) or [[]]
        self.exists = exists
        self.removed: list[str] = []
        self.looks = 0

    async def cluster_exists(self) -> bool:
        return self.exists

    async def find(self) -> list[CloudLeftover]:
        self.looks += 1
        left = self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]
        return [item for item in left if item.arn not in self.removed]

    async def remove(self, leftover: CloudLeftover) -> bool:
        if leftover.kind == "EBS volume":
            return False
        self.removed.append(leftover.arn)
        return True


@pytest.fixture
def kube() -> FakeKube:
    return FakeKube()


@pytest.fixture
def helm() -> FakeHelm:
    return FakeHelm()


@pytest.fixture
def store() -> FakeSecrets:
    return FakeSecrets()


@pytest.fixture
def cloud() -> Any:
    return FakeCloud


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def log(lines: list[str]) -> Log:
    async def keep(line: str) -> None:
        lines.append(line)

    return keep
