"""What the registry refuses, each with its reason and remedy."""

from __future__ import annotations

from collections.abc import Mapping

from libs.failures import Actor, Failure, FieldViolation, Kind


def _refuse(
    reason: str,
    message: str,
    kind: Kind,
    remedy: str,
    *,
    address: str = "",
    field: str = "",
    actor: Actor = Actor.CUSTOMER,
    metadata: dict[str, str] | None = None,
) -> Failure:
    violations = [FieldViolation(field, f"{message} {remedy}", reason)] if field else []
    return Failure(
        reason, message, kind=kind, actor=actor, remedy=remedy, resource_address=address,
        violations=violations, metadata=metadata,
    )  # fmt: skip


def environment_id_invalid(given: str, rule: str) -> Failure:
    """The id of a new environment is malformed."""
    shown = given if len(given) <= 80 else f"{given[:80]}..."
    return _refuse(
        "ENVIRONMENT_ID_INVALID",
        f"environment_id is {shown!r}.",
        Kind.INVALID_ARGUMENT,
        f"Give {rule}.",
        field="environment_id",
    )


def name_differs(name: str) -> Failure:
    """The resource in a create names itself otherwise than the request does."""
    return _refuse(
        "NAME_INVALID",
        "environment.name differs from parent and environment_id.",
        Kind.INVALID_ARGUMENT,
        f"Leave it out, or give {name}.",
        field="environment.name",
    )


def environment_exists(name: str) -> Failure:
    """The name is taken by an environment that is not DELETED."""
    return _refuse(
        "ENVIRONMENT_EXISTS",
        f"{name} exists already.",
        Kind.ALREADY_EXISTS,
        "Choose another environment_id, or delete that one first.",
        address=name,
    )


def environment_not_found(name: str) -> Failure:
    """There is no such environment, or it is DELETED."""
    return _refuse(
        "ENVIRONMENT_NOT_FOUND",
        f"{name} does not exist.",
        Kind.NOT_FOUND,
        "Check the name; ListEnvironments answers those that exist.",
        address=name,
    )


def etag_mismatch(name: str, present: str) -> Failure:
    """The environment has changed since the caller read it."""
    return _refuse(
        "ETAG_MISMATCH",
        f"{name} has changed since it was read.",
        Kind.ABORTED,
        "Read it again, and repeat the request with its present etag.",
        address=name,
        metadata={"etag": present},
    )


def update_mask_invalid(path: str) -> Failure:
    """An update mask that names no field below `spec`."""
    return _refuse(
        "UPDATE_MASK_INVALID",
        f"update_mask has {path[:80]!r}, which is no field of the document.",
        Kind.INVALID_ARGUMENT,
        'Give paths such as "spec.data.postgres.size"; lists and maps are replaced whole.',
        field="update_mask",
    )


def change_impossible(name: str, why: Mapping[str, str]) -> Failure:
    """Fields of the document that cannot change as wished, each with the reason."""
    return Failure(
        "CHANGE_IMPOSSIBLE",
        f"{name} cannot be changed so: {', '.join(why)}.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy="Leave each field as its violation says.",
        resource_address=name,
        violations=[FieldViolation(field, text, "CHANGE_IMPOSSIBLE") for field, text in why.items()],
    )


def busy(name: str, operation: str) -> Failure:
    """Another operation runs on the environment."""
    return _refuse(
        "OPERATION_RUNNING",
        f"{name} is being worked on by {operation}.",
        Kind.ABORTED,
        "Wait for that operation or cancel it, then send the change again.",
        address=name,
        metadata={"operation": operation},
    )


def cluster_occupied(cluster: str, other: str) -> Failure:
    """A cluster of the customer's that another environment has; `other` is its name, empty for who may not know it."""
    return _refuse(
        "CLUSTER_OCCUPIED",
        f"The cluster {cluster} is taken by {other or 'an environment of another workspace'}.",
        Kind.FAILED_PRECONDITION,
        "Delete that environment first, or give another cluster: each takes one environment.",
        address=other,
        field="environment.spec.cluster.existing_cluster_name",
    )


def deletion_protected(name: str) -> Failure:
    """A delete of what its document protects."""
    return _refuse(
        "DELETION_PROTECTED",
        f"{name} is protected from deletion by its document.",
        Kind.FAILED_PRECONDITION,
        "Update it with deletion_protection false, then delete it.",
        address=name,
    )


def credentials_missing() -> Failure:
    """A rotation of nothing."""
    return _refuse(
        "CREDENTIALS_MISSING",
        "credentials names nothing to rotate.",
        Kind.INVALID_ARGUMENT,
        "Give at least one of CREDENTIAL_POSTGRES_PASSWORD, CREDENTIAL_REDIS_AUTH_TOKEN and"
        " CREDENTIAL_WORKSPACE_STORAGE_KEY.",
        field="credentials",
    )


def state_wrong(name: str, state: str, allowed: tuple[str, ...]) -> Failure:
    """A method that this state does not allow."""
    return _refuse(
        "ENVIRONMENT_STATE_WRONG",
        f"{name} is {state}; the states allowed are {' and '.join(allowed)}.",
        Kind.FAILED_PRECONDITION,
        "Wait until its operation has ended, and look at how.",
        address=name,
        metadata={"state": state, "allowed": ",".join(allowed)},
    )


def request_id_invalid(given: str) -> Failure:
    """A request id that is no UUID."""
    return _refuse(
        "REQUEST_ID_INVALID",
        f"request_id is {given[:80]!r}, which is not a UUID.",
        Kind.INVALID_ARGUMENT,
        "Give a random UUID (version 4), a new one for every new request.",
        field="request_id",
    )


def request_id_reused(request_id: str) -> Failure:
    """The same request id came with another payload."""
    return _refuse(
        "REQUEST_ID_REUSED",
        f"request_id {request_id} was used for another request.",
        Kind.INVALID_ARGUMENT,
        "Use a new UUID for every new request.",
        field="request_id",
    )


def operation_not_found(name: str) -> Failure:
    """There is no such operation, or it was forgotten."""
    return _refuse(
        "OPERATION_NOT_FOUND",
        f"{name} does not exist.",
        Kind.NOT_FOUND,
        "Check the name; ListOperations answers those that exist.",
        address=name,
    )


def operation_done(name: str) -> Failure:
    """An operation that has ended cannot be cancelled."""
    return _refuse(
        "OPERATION_DONE",
        f"{name} has ended already.",
        Kind.FAILED_PRECONDITION,
        "Read the operation to see how it ended.",
        address=name,
    )


def operation_running(name: str) -> Failure:
    """An operation that runs cannot be forgotten."""
    return _refuse(
        "OPERATION_RUNNING",
        f"{name} has not ended yet.",
        Kind.FAILED_PRECONDITION,
        "Wait for its end, or cancel it, and repeat the request.",
        address=name,
    )


def page_size_invalid(given: int) -> Failure:
    """A negative page size."""
    return _refuse(
        "PAGE_SIZE_INVALID",
        f"page_size is {given}.",
        Kind.INVALID_ARGUMENT,
        "Give 0 for the default, or a positive number.",
        field="page_size",
    )


def page_token_invalid() -> Failure:
    """A page token that this list did not give."""
    return _refuse(
        "PAGE_TOKEN_INVALID",
        "page_token is not one that this list has given.",
        Kind.INVALID_ARGUMENT,
        "Start again without page_token, and keep the other fields the same from page to page.",
        field="page_token",
    )


def filter_not_supported() -> Failure:
    """A filter of ListOperations other than on `done`."""
    return _refuse(
        "FILTER_NOT_SUPPORTED",
        "filter is not one that this list knows.",
        Kind.INVALID_ARGUMENT,
        'Use "done=true", "done=false", or none.',
        field="filter",
    )


def resume_marker_invalid() -> Failure:
    """A resume marker that no watch has given."""
    return _refuse(
        "RESUME_MARKER_INVALID",
        "resume_marker is not one that a watch has given.",
        Kind.INVALID_ARGUMENT,
        "Watch again without resume_marker.",
        field="resume_marker",
    )


def resume_marker_pruned() -> Failure:
    """A resume marker whose successors were forgotten."""
    return _refuse(
        "RESUME_MARKER_PRUNED",
        "The changes behind resume_marker are not kept any more.",
        Kind.OUT_OF_RANGE,
        "Watch again without resume_marker, which answers the present state first.",
    )


def watcher_too_slow() -> Failure:
    """A watcher reads more slowly than changes come."""
    return _refuse(
        "WATCHER_TOO_SLOW",
        "Changes came faster than this watcher read them.",
        Kind.RESOURCE_EXHAUSTED,
        "Watch again with the last resume_marker, and read without pausing.",
    )


def not_supported(reason: str, what: str, remedy: str) -> Failure:
    """A method of the contract that this release does not serve."""
    return _refuse(reason, f"{what} is not supported by this release.", Kind.UNIMPLEMENTED, remedy)
