"""How an environment's life goes: `advance` over one transition table."""

from services.environment_registry.lifecycle.advance import advance
from services.environment_registry.lifecycle.events import (
    Answer,
    Ask,
    Command,
    Event,
    Kind,
    Outcome,
    Stop,
    Transition,
    Verdict,
)
from services.environment_registry.lifecycle.vector import (
    IN_FLIGHT,
    MOVING,
    Course,
    Entry,
    Stage,
    StageState,
    Vector,
)

__all__ = [
    "IN_FLIGHT",
    "MOVING",
    "Answer",
    "Ask",
    "Command",
    "Course",
    "Entry",
    "Event",
    "Kind",
    "Outcome",
    "Stage",
    "StageState",
    "Stop",
    "Transition",
    "Vector",
    "Verdict",
    "advance",
]
