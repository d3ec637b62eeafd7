"""The errors of the ElastiCache API."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


def not_found(kind: str, name: str) -> ServiceException:
    """`kind` is the API's own word, such as `ReplicationGroup`."""
    return ServiceException(_CODES.get(kind, f"{kind}NotFoundFault"), f"{kind} {name} not found.")


def exists(kind: str, name: str) -> ServiceException:
    """A name that is taken."""
    code = "CacheParameterGroupAlreadyExists" if kind == "CacheParameterGroup" else f"{kind}AlreadyExists"
    return ServiceException(code, f"{kind} {name} already exists.")


def invalid(message: str) -> ServiceException:
    """A value that ElastiCache does not take."""
    return ServiceException("InvalidParameterValue", message)


def combination(message: str) -> ServiceException:
    """Values that do not go together."""
    return ServiceException("InvalidParameterCombination", message)


_CODES = {
    "CacheCluster": "CacheClusterNotFound",
    "CacheParameterGroup": "CacheParameterGroupNotFound",
    "UserGroup": "UserGroupNotFound",
    "User": "UserNotFound",
    "Snapshot": "SnapshotNotFoundFault",
}
