"""What the registry remembers of an environment and of an operation. Standard library alone.

Messages of the contracts are held as bytes: what they say matters to the edges, not to the lifecycle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.environment_registry.lifecycle import Course, Vector


class Verb(StrEnum):
    """What an operation does to its target."""

    CREATE = "create"
    UPDATE = "update"
    ROTATE = "rotate"
    DELETE = "delete"
    RETRY = "retry"


class OperationState(StrEnum):
    """Whether an operation runs, and how it ended."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that a delete left by policy."""

    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class Condition:
    """An observation, in Kubernetes' manner."""

    type: str
    status: bool
    reason: str
    transition_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """Which version of each credential is wished, from 1; a rotation raises one."""

    postgres_password: int = 1
    redis_auth_token: int = 1
    workspace_storage_key: int = 1


@dataclass(slots=True)
class EnvironmentRecord:
    """An environment as one row. `version` rises with every write; `etag` is made of it.

    `built_spec` is the document of `built_generation`, the newest that was built whole; empty before the first.
    `allow_data_loss` is the consent that came with the newest document. `remove_state_bucket` came with the delete.
    """

    uid: str
    workspace: str
    environment_id: str
    spec: bytes
    external_id: str
    created_at: datetime
    updated_at: datetime
    vector: Vector = field(default_factory=Vector)
    generation: int = 1
    version: int = 0
    outputs: bytes = b""
    location: bytes = b""
    failure: bytes = b""
    kept: tuple[Kept, ...] = ()
    conditions: tuple[Condition, ...] = ()
    deleted_at: datetime | None = None
    built_generation: int = 0
    built_spec: bytes = b""
    allow_data_loss: bool = False
    remove_state_bucket: bool = False
    credentials: Credentials = Credentials()

    @property
    def name(self) -> str:
        """The resource name."""
        return f"workspaces/{self.workspace}/environments/{self.environment_id}"

    @property
    def etag(self) -> str:
        """The quoted strong etag of this version."""
        return f'"{self.uid}-{self.version}"'

    @property
    def live(self) -> bool:
        """Whether the name is taken by it."""
        return self.vector.course is not Course.DELETED

    def keep(self, kept: Iterable[Kept]) -> None:
        """Add to what a delete leaves, each once, however often a stage says it."""
        self.kept = tuple(dict.fromkeys((*self.kept, *kept)))

    def touch(self, now: datetime) -> None:
        """Mark a change: a new version, and the conditions as they are now."""
        self.version += 1
        self.updated_at = now
        if not self.live and self.deleted_at is None:
            self.deleted_at = now
        before = {condition.type: condition for condition in self.conditions}
        self.conditions = tuple(
            replace(new, transition_at=old.transition_at)
            if (old := before.get(new.type)) is not None and old.status == new.status
            else new
            for new in _observe(self.vector, now)
        )


def _observe(vector: Vector, now: datetime) -> list[Condition]:
    active = vector.course is Course.ACTIVE
    facts = (
        ("ClusterAvailable", vector.cluster_available and not vector.absent_wished, "ClusterReachable"),
        ("BackendsAvailable", vector.backends_available and not vector.absent_wished, "BackendsReachable"),
        ("Ready", active, "GatewayAnswered"),
    )
    missing = "BeingRemoved" if vector.absent_wished else "NotYet"
    return [Condition(kind, holds, reason if holds else missing, now) for kind, holds, reason in facts]


@dataclass(slots=True)
class OperationRecord:
    """An operation as one row.

    `traceparent` is the stored context that all of its events carry. `details` is an OperationMetadata with what it
    changes alone: the document's fields, and the plan's resources.
    """

    id: str
    workspace: str
    uid: str
    environment_id: str
    verb: Verb
    traceparent: str
    created_at: datetime
    state: OperationState = OperationState.RUNNING
    requested_cancellation: bool = False
    error: bytes = b""
    resources_done: int = 0
    resources_planned: int = 0
    ended_at: datetime | None = None
    details: bytes = b""

    @property
    def name(self) -> str:
        """The resource name."""
        return f"workspaces/{self.workspace}/operations/{self.id}"

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.state is not OperationState.RUNNING
