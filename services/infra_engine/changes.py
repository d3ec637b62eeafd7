"""What a revision does to each resource, as values. Standard library only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from services.infra_engine.impact import Impact


class Intent(Enum):
    """What is to happen to a resource; the names are those of the contract's enum without its prefix."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    RECREATE = "RECREATE"


class ChangeState(Enum):
    """How far a change has come; the names are those of the contract's enum without its prefix."""

    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    RECONCILED = "RECONCILED"
    FAILED = "FAILED"


# Terraform's actions that change something, in the words of its machine-readable UI.
INTENTS = {
    "create": Intent.CREATE,
    "update": Intent.UPDATE,
    "delete": Intent.DELETE,
    "replace": Intent.RECREATE,
}


# The key of a resource or module that there are several of; a text may hold dots and brackets.
_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')


@dataclass(frozen=True, slots=True)
class Change:
    """One resource's change. `number` is its place in the plan, from 1."""

    address: str
    intent: Intent
    state: ChangeState = ChangeState.PLANNED
    number: int = 0
    resource_id: str = ""
    error: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    impact: Impact = Impact.IN_PLACE

    @property
    def type(self) -> str:
        """The Terraform resource type."""
        return _KEY.sub("", self.address).rsplit(".", 2)[-2]


@dataclass(frozen=True, slots=True)
class Progress:
    """Resources that have reached what was planned, of those that change."""

    done: int
    planned: int


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """What became of a plan that was taken in: how far the attempt is with it, and the number of each address."""

    progress: Progress
    numbers: Mapping[str, int]
