"""docs/events.md says what there is: no event less and none more."""

from __future__ import annotations

import re
from pathlib import Path

from provisioning.bootstrap.v1 import events_pb2 as bootstrap
from provisioning.environment.v1 import events_pb2 as environment
from provisioning.environment.v1 import hand_over_pb2 as hand_over
from provisioning.infra.v1 import events_pb2 as infra
from provisioning.state.v1 import events_pb2 as state

from libs.eventing.bus import EVENTS_STREAM
from libs.eventing.events import event_name
from libs.eventing.subjects import EVENTS_PREFIX, REQUESTS_PREFIX, REQUESTS_STREAM

DOCUMENT = Path(__file__).parents[3] / "docs" / "events.md"
_ROW = re.compile(r"^\| `([a-z0-9_]+)` \| `([A-Z]\w+)` \|", re.MULTILINE)


def test_every_event_of_the_contracts_is_listed_under_its_name() -> None:
    files = (environment, infra, bootstrap, state)
    messages = [m for file in files for m in file.DESCRIPTOR.message_types_by_name.values()]
    messages += [hand_over.DESCRIPTOR.message_types_by_name[n] for n in ("StepChanged", "StageFailed", "StageStopped")]
    parts = {field.message_type.name for m in messages for field in m.fields if field.message_type is not None}
    # What is asked of a stage, and what is a part of a message, is no event for readers.
    expected = {
        (event_name(message._concrete_class()), message.name)
        for message in messages
        if not message.name.endswith("Requested") and message.name not in parts
    }

    assert set(_ROW.findall(DOCUMENT.read_text())) == expected


def test_streams_and_subjects_are_the_ones_in_use() -> None:
    text = DOCUMENT.read_text()

    assert f"`{EVENTS_STREAM}`" in text and f"`{REQUESTS_STREAM}`" in text
    assert f"`{EVENTS_PREFIX}.<workspace>.<environment>.<area>.<event>`" in text
    assert f"`{REQUESTS_PREFIX}.>`" in text
