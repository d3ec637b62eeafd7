"""`Failure`: what went wrong, who must act, and what they should do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Actor(Enum):
    """Who must act on a failure; the names are those of the proto enum without its prefix."""

    PLATFORM = "PLATFORM"
    CUSTOMER = "CUSTOMER"
    CLOUD_PROVIDER = "CLOUD_PROVIDER"
    NOBODY = "NOBODY"


class Kind(Enum):
    """The canonical kind of a failure; the names are gRPC's status codes."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    ABORTED = "ABORTED"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    CANCELLED = "CANCELLED"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One bad field of a request: its path in proto names, what is wrong with it, and the remedy."""

    field: str
    description: str
    reason: str = "INVALID"


class Failure(Exception):
    """A failure that a person can act on.

    Args:
        reason: stable UPPER_SNAKE code, as in google.rpc.ErrorInfo.
        message: one public sentence; never a secret.
        kind: canonical kind, which the gRPC edge maps to a status code.
        retryable: whether the same request can succeed without anything else being changed.
        actor: who must act.
        remedy: what that actor should do; one sentence.
        resource_address: Terraform address, Kubernetes object or resource name concerned.
        metadata: further facts by name, such as `aws_request_id`.
        violations: bad fields, for INVALID_ARGUMENT.
        retry_after_seconds: when a retry makes sense, for RetryInfo.
        private: text for logs alone.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        kind: Kind = Kind.INTERNAL,
        retryable: bool = False,
        actor: Actor = Actor.PLATFORM,
        remedy: str = "",
        resource_address: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        retry_after_seconds: float | None = None,
        private: str = "",
    ) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.kind = kind
        self.retryable = retryable
        self.actor = actor
        self.remedy = remedy
        self.resource_address = resource_address
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_after_seconds = retry_after_seconds
        self.private = private
