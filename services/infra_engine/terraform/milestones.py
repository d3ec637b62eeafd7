"""Tells when a part of the stack is there, so that others may start on it before the whole apply has ended."""

from collections.abc import Iterable

from services.infra_engine.stacks.definition import Milestone
from services.infra_engine.terraform.events import Event, ResourceCompleted, ResourcePlanned

_SETTLED = {"no-op", "read"}
_LEAVING = {"delete", "forget"}


class MilestoneTracker:
    """Follows one run: feed it every event of its plan and then of its apply.

    What the state holds and the plan does not touch is there from the start; what the plan changes is there once the
    change is completed.
    """

    def __init__(self, milestones: Iterable[Milestone], in_state: Iterable[str]) -> None:
        """`in_state` are the addresses of the state that the run starts with."""
        self._milestones = tuple(milestones)
        self._there = set(in_state)
        self._told: set[str] = set()

    def observe(self, event: Event | None) -> None:
        if isinstance(event, ResourcePlanned) and event.action not in _SETTLED:
            self._there.discard(event.address)
        elif isinstance(event, ResourceCompleted):
            if event.action in _LEAVING:
                self._there.discard(event.address)
            elif event.action != "read":
                self._there.add(event.address)

    def newly_reached(self) -> list[Milestone]:
        """Milestones that are reached and were not given before, in the stack's order.

        Ask after the plan is through, and after every completed resource.
        """
        reached = [
            milestone
            for milestone in self._milestones
            if milestone.name not in self._told and milestone.addresses <= self._there
        ]
        self._told |= {milestone.name for milestone in reached}
        return reached

    def missing(self, milestone: Milestone) -> frozenset[str]:
        """What of it is not there yet."""
        return milestone.addresses - self._there
