"""What the stage services share: attempts asked by event, worked under a fenced lease, answered by event.

The life of a request: `RequestConsumer` writes an `Attempt` row (the same key finds the row that is there), a `Worker`
takes it up under a lease, runs the steps of its `Flow`, each persisted before it acts, and answers through the outbox
in the transaction that ends the attempt. Asked again, the answer is given again. A worker that dies leaves a row whose
heartbeat grows old; the next one goes on at the step.
"""

from libs.stages.attempts import Attempt, AttemptState
from libs.stages.consumer import RequestConsumer
from libs.stages.context import StepContext, Stopped
from libs.stages.flows import Flow, Step
from libs.stages.leases import HeldLease, LeaseLost, LeasePort
from libs.stages.memory import MemoryGate
from libs.stages.queue import FairQueue, Limits
from libs.stages.repository import AttemptRepository
from libs.stages.retries import ONCE, RetryPolicy
from libs.stages.tables import StageTables
from libs.stages.worker import Worker

__all__ = [
    "ONCE",
    "Attempt",
    "AttemptRepository",
    "AttemptState",
    "FairQueue",
    "Flow",
    "HeldLease",
    "LeaseLost",
    "LeasePort",
    "Limits",
    "MemoryGate",
    "RequestConsumer",
    "RetryPolicy",
    "StageTables",
    "Step",
    "StepContext",
    "Stopped",
    "Worker",
]
