"""Crash points: where a worker is killed, and how it went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tests.crash.proxy import Call, When

# What only looks; all else changes something.
_LOOKING = ("Get", "List", "Describe", "Head", "AssumeRole")


class Operation(StrEnum):
    """What an environment was asked."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"


class Victim(StrEnum):
    """Who dies: the engine's worker, whose guards end Terraform in order; or all of it at once, as in a power cut."""

    WORKER = "worker"
    MACHINE = "machine"


@dataclass(frozen=True, order=True)
class Point:
    """The `nth` call of an AWS action within an operation, and the side of AWS on which somebody dies."""

    operation: Operation
    action: str
    nth: int
    when: When
    victim: Victim = Victim.WORKER

    @property
    def changes(self) -> bool:
        """Whether the call changes something in AWS."""
        return not self.action.partition(":")[2].startswith(_LOOKING)

    def __str__(self) -> str:
        return f"{self.operation} {self.action}#{self.nth} {self.when} ({self.victim})"


@dataclass(frozen=True)
class Crash:
    """How one crash point went.

    `number` is the call's number in that run, 0 where it never came. `seconds` is from the kill to the end of the
    operation, `again` from the kill to the next worker's claim. Nothing `wrong` means that it converged by itself.
    """

    point: Point
    number: int
    seconds: float
    again: float
    wrong: tuple[str, ...]

    @property
    def came(self) -> bool:
        """Whether there was the call, and with it a kill: what is waited for is asked about as often as it takes."""
        return self.number > 0

    @property
    def outcome(self) -> str:
        if self.wrong:
            return "; ".join(self.wrong)
        return "converged" if self.came else "the call did not come"


def enumerated(operation: Operation, calls: Iterable[Call]) -> list[Point]:
    """Every point of an operation that nobody disturbed: each of its calls, before and after AWS."""
    return [Point(operation, call.action, call.nth, when) for call in calls for when in When]
