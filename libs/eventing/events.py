"""Events as values: what goes into the outbox and what comes out of a stream."""

import re
import uuid
from dataclasses import dataclass

# Imported so that every event of the contracts can be read by its name.
import provisioning.bootstrap.v1.events_pb2
import provisioning.environment.v1.events_pb2
import provisioning.environment.v1.hand_over_pb2
import provisioning.infra.v1.events_pb2
import provisioning.state.v1.events_pb2  # noqa: F401
from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.message import Message

from libs.eventing.subjects import event_subject, request_subject

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event to be published.

    `type` is the full name of the protobuf message, `data` its canonical JSON. `traceparent` is the stored context of
    the operation it belongs to. The same `id` is never published twice within the stream's duplicate window.
    """

    id: str
    subject: str
    type: str
    environment: str
    environment_uid: str
    data: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """An event as received. `message` has the type that `type` names; fields unknown to it were dropped."""

    id: str
    subject: str
    type: str
    source: str
    environment_uid: str
    sequence: int
    traceparent: str
    message: Message
    deliveries: int

    @property
    def name(self) -> str:
        """The event's name in a subject, such as "cluster_available"."""
        return self.subject.rsplit(".", 1)[1]


def environment_event(message: Message, *, area: str, environment: str, uid: str, traceparent: str) -> OutgoingEvent:
    """An event of `area` (environment, infra, bootstrap or state) about an environment, named after its message."""
    return _event(message, event_subject(environment, area, event_name(message)), environment, uid, traceparent)


def stage_request(message: Message, *, stage: str, environment: str, uid: str, traceparent: str) -> OutgoingEvent:
    """A request to a stage, on subjects that outsiders cannot read. Asking again takes a new call, so a new id."""
    return _event(message, request_subject(environment, stage, event_name(message)), environment, uid, traceparent)


def event_name(message: Message) -> str:
    """The snake_case name of a message type, such as "cluster_available" for ClusterAvailable."""
    return _WORD.sub("_", message.DESCRIPTOR.name).lower()


def to_json(message: Message) -> str:
    """Canonical protobuf JSON on one line."""
    return json_format.MessageToJson(message, indent=None)


def from_json(type_name: str, data: str) -> Message:
    """The message of a type by its full name. Raises KeyError for a type that this process has not loaded, and
    json_format.ParseError for data that does not fit it. Unknown fields are dropped: readers tolerate newer writers."""
    descriptor = descriptor_pool.Default().FindMessageTypeByName(type_name)
    message: Message = message_factory.GetMessageClass(descriptor)()
    json_format.Parse(data, message, ignore_unknown_fields=True)
    return message


def _event(message: Message, subject: str, environment: str, uid: str, traceparent: str) -> OutgoingEvent:
    return OutgoingEvent(
        id=str(uuid.uuid4()),
        subject=subject,
        type=message.DESCRIPTOR.full_name,
        environment=environment,
        environment_uid=uid,
        data=to_json(message),
        traceparent=traceparent,
    )
