"""A failure as JSON in a row."""

from collections.abc import Mapping

from libs.failures import Actor, Failure, FieldViolation, Kind


def failure_to_json(failure: Failure) -> dict[str, object]:
    return {
        "reason": failure.reason,
        "message": failure.message,
        "kind": failure.kind.value,
        "retryable": failure.retryable,
        "actor": failure.actor.value,
        "remedy": failure.remedy,
        "resource_address": failure.resource_address,
        "metadata": failure.metadata,
        "violations": [[one.field, one.description, one.reason] for one in failure.violations],
    }


def failure_from_json(value: Mapping[str, object]) -> Failure:
    metadata = value["metadata"]
    violations = value.get("violations", [])
    assert isinstance(metadata, dict) and isinstance(violations, list)
    return Failure(
        str(value["reason"]),
        str(value["message"]),
        kind=Kind(value["kind"]),
        retryable=bool(value["retryable"]),
        actor=Actor(value["actor"]),
        remedy=str(value["remedy"]),
        resource_address=str(value["resource_address"]),
        metadata=metadata,
        violations=[FieldViolation(*one) for one in violations],
    )
