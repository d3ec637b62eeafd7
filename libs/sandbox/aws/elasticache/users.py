"""Users and user groups, for caches that use access control lists in the place of one token."""

from __future__ import annotations

from libs.sandbox.aws.elasticache.failures import exists, invalid, not_found
from libs.sandbox.aws.elasticache.models import ElastiCacheBackend, View
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation
from libs.sandbox.aws.failures import AwsFailure


def _user(backend: ElastiCacheBackend, name: str) -> View:
    if name == "default" and name not in backend.users:
        backend.users[name] = _new_user(backend, name, name, "redis", "on ~* +@all", {"Type": "no-password"})
    if name not in backend.users:
        raise not_found("User", name)
    return backend.users[name]


def _new_user(
    backend: ElastiCacheBackend, user_id: str, name: str, engine: str, access: str, authentication: View
) -> View:
    return {
        "UserId": user_id,
        "UserName": name,
        "Status": "active",
        "Engine": engine,
        "MinimumEngineVersion": "6.0",
        "AccessString": access,
        "UserGroupIds": [],
        "Authentication": authentication,
        "ARN": backend.arn("user", user_id),
    }


def create_user(request: CacheRequest) -> View:
    """CreateUser."""
    backend, user_id = request.backend, request.get("UserId").lower()
    if user_id in backend.users:
        raise exists("User", user_id)
    passwords = request.get("Passwords") or request.get("AuthenticationMode", {}).get("Passwords") or []
    if any(not 16 <= len(password) <= 128 for password in passwords):
        raise invalid("Passwords length must be between 16-128 characters.")
    kind = "password" if passwords else "no-password"
    authentication = {"Type": kind, "PasswordCount": len(passwords)}
    view = _new_user(
        backend,
        user_id,
        request.get("UserName"),
        request.get("Engine").lower(),
        request.get("AccessString"),
        authentication,
    )
    backend.users[user_id] = view
    backend.tags[view["ARN"]] = request.tags()
    return view


def describe_users(request: CacheRequest) -> View:
    """DescribeUsers."""
    _user(request.backend, "default")
    if user_id := request.get("UserId"):
        return {"Users": [_user(request.backend, user_id)]}
    return request.page("Users", list(request.backend.users.values()))


def delete_user(request: CacheRequest) -> View:
    """DeleteUser."""
    view = _user(request.backend, request.get("UserId"))
    if view["UserId"] == "default":
        raise AwsFailure("DefaultUserAssociatedToUserGroup", "The default user cannot be deleted.")
    del request.backend.users[view["UserId"]]
    request.backend.tags.pop(view["ARN"], None)
    return view | {"Status": "deleting"}


def create_group(request: CacheRequest) -> View:
    """CreateUserGroup: every user must exist."""
    backend, name = request.backend, request.get("UserGroupId").lower()
    if name in backend.user_groups:
        raise exists("UserGroup", name)
    user_ids = list(request.get("UserIds", []))
    for user_id in user_ids:
        _user(backend, user_id)["UserGroupIds"].append(name)
    view: View = {
        "UserGroupId": name,
        "Status": "active",
        "Engine": request.get("Engine").lower(),
        "UserIds": user_ids,
        "MinimumEngineVersion": "6.0",
        "ReplicationGroups": [],
        "ARN": backend.arn("usergroup", name),
    }
    backend.user_groups[name] = view
    backend.tags[view["ARN"]] = request.tags()
    return view


def describe_groups(request: CacheRequest) -> View:
    """DescribeUserGroups."""
    groups = request.backend.user_groups
    if name := request.get("UserGroupId"):
        if name not in groups:
            raise not_found("UserGroup", name)
        return {"UserGroups": [groups[name]]}
    return request.page("UserGroups", list(groups.values()))


def delete_group(request: CacheRequest) -> View:
    """DeleteUserGroup."""
    backend, name = request.backend, request.get("UserGroupId")
    if name not in backend.user_groups:
        raise not_found("UserGroup", name)
    view = backend.user_groups.pop(name)
    for user_id in view["UserIds"]:
        _user(backend, user_id)["UserGroupIds"].remove(name)
    backend.tags.pop(view["ARN"], None)
    return view | {"Status": "deleting"}


OPERATIONS: dict[str, Operation] = {
    "CreateUser": create_user,
    "DescribeUsers": describe_users,
    "DeleteUser": delete_user,
    "CreateUserGroup": create_group,
    "DescribeUserGroups": describe_groups,
    "DeleteUserGroup": delete_group,
}
