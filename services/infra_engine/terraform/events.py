"""What Terraform's machine-readable UI says, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ResourcePlanned:
    """`replace` is a delete and a create; `reason` says why where Terraform does."""

    address: str
    action: str
    reason: str = ""


@dataclass(frozen=True)
class ResourceDrifted:
    """Changed outside Terraform since the last apply."""

    address: str
    action: str


@dataclass(frozen=True)
class ResourceStarted:
    """`id` is that of a resource that exists already (update, delete)."""

    address: str
    action: str
    id: str = ""


@dataclass(frozen=True)
class ResourceProgress:
    """Said every ten seconds while a resource is worked on."""

    address: str
    action: str
    elapsed_seconds: int


@dataclass(frozen=True)
class ResourceCompleted:
    address: str
    action: str
    elapsed_seconds: int
    id: str = ""


@dataclass(frozen=True)
class ResourceFailed:
    """The error itself comes as a `Diagnostic` of the same address."""

    address: str
    action: str
    elapsed_seconds: int


@dataclass(frozen=True)
class Diagnostic:
    severity: Literal["error", "warning"]
    summary: str
    detail: str
    address: str = ""


@dataclass(frozen=True)
class ChangeSummary:
    operation: Literal["plan", "apply", "destroy"]
    add: int
    change: int
    remove: int
    imported: int = 0


@dataclass(frozen=True)
class Outputs:
    """Values after an apply; a plan tells names alone, and which of them `change`. A sensitive value is left out."""

    values: Mapping[str, object]
    change: frozenset[str] = frozenset()


Event = (
    ResourcePlanned
    | ResourceDrifted
    | ResourceStarted
    | ResourceProgress
    | ResourceCompleted
    | ResourceFailed
    | Diagnostic
    | ChangeSummary
    | Outputs
)


@dataclass(frozen=True)
class Line:
    """One line of a command's output. `event` is None where it is news for people alone."""

    text: str
    event: Event | None = None
