"""The errors of the ElastiCache API."""

from __future__ import annotations

from libs.sandbox.aws.failures import AwsFailure


def not_found(kind: str, name: str) -> AwsFailure:
    """`kind` is the API's own word, such as `ReplicationGroup`."""
    return AwsFailure(_CODES.get(kind, f"{kind}NotFoundFault"), f"{kind} {name} not found.")


def exists(kind: str, name: str) -> AwsFailure:
    """A name that is taken."""
    code = "CacheParameterGroupAlreadyExists" if kind == "CacheParameterGroup" else f"{kind}AlreadyExists"
    return AwsFailure(code, f"{kind} {name} already exists.")


def invalid(message: str) -> AwsFailure:
    """A value that ElastiCache does not take."""
    return AwsFailure("InvalidParameterValue", message)


def combination(message: str) -> AwsFailure:
    """Values that do not go together."""
    return AwsFailure("InvalidParameterCombination", message)


_CODES = {
    "CacheCluster": "CacheClusterNotFound",
    "CacheParameterGroup": "CacheParameterGroupNotFound",
    "UserGroup": "UserGroupNotFound",
    "User": "UserNotFound",
    "Snapshot": "SnapshotNotFoundFault",
}
