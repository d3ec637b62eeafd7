"""A deployment as its attempts tell it, as a value. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

RUN_STAGES = ("deployment", "destroy")
"""The stages whose attempts are a deployment's revisions."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The infrastructure of one environment.

    `latest_revision` is the id of its newest attempt and `state` the name of that one's state; `created_at` is when the
    first was asked for. `outputs` are those of the newest apply that came to have some, none once all is destroyed.
    """

    workspace: str
    uid: str
    environment: str
    latest_revision: str
    state: str
    outputs: Mapping[str, object]
    created_at: datetime
