"""`Attempt`: one piece of work that the registry asked of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from libs.failures import Failure


class AttemptState(Enum):
    """States of an attempt; the names are those of the proto enum StageState without its prefix."""

    REQUESTED = "REQUESTED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"

    @property
    def ended(self) -> bool:
        return self in (AttemptState.SUCCEEDED, AttemptState.FAILED, AttemptState.STOPPED)


OPEN_STATES = tuple(state.value for state in AttemptState if not state.ended)
"""Those of attempts that are still to be worked on, as rows have them."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as a row tells it.

    `request_type` and `request` are the full name and the JSON of the message that asked. `data` is what steps saved.
    `steps_done` are the steps completed, in order; `step` is the one begun last. `account` is the AWS account that the
    request enters, and `waiting_for` why it is not worked on, as far as a worker has noted it.
    """

    id: str
    workspace: str
    environment: str
    uid: str
    operation: str
    stage: str
    number: int
    request_type: str
    request: str
    state: AttemptState
    step: str
    steps_done: tuple[str, ...]
    data: Mapping[str, object]
    fence: int
    stop_reason: str
    failure: Failure | None
    traceparent: str
    created_at: datetime
    heartbeat_at: datetime | None
    ended_at: datetime | None
    account: str = ""
    waiting_for: str = ""


def attempt_id(operation: str, stage: str, number: int) -> str:
    """The id of a hand-over's attempt, such as "op-7f3-deployment-1": unique, and legal as a resource id."""
    return f"{operation}-{stage.replace('_', '-')}-{number}"
