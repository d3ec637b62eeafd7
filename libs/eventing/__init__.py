"""Events between the stages and to the outside: CloudEvents on JetStream, from a transactional outbox, into an inbox.

JetStream is never the truth. An event is a row, written in the transaction of the change it tells of; a relay publishes
it, and a consumer applies it in one transaction with the row that remembers it.
"""

from libs.eventing import lean_nats  # noqa: F401  before any other import of nats
from libs.eventing.bus import Bus
from libs.eventing.consumer import Consumer, Handler
from libs.eventing.events import IncomingEvent, OutgoingEvent, environment_event, stage_request
from libs.eventing.relay import Relay
from libs.eventing.tables import EventTables, enqueue

__all__ = [
    "Bus",
    "Consumer",
    "EventTables",
    "Handler",
    "IncomingEvent",
    "OutgoingEvent",
    "Relay",
    "enqueue",
    "environment_event",
    "stage_request",
]
