"""Permissions boundaries of users and roles.

AWS: a boundary is a managed policy that exists; it can be put and deleted at any time, is described with the
user or role, and cannot be deleted while it is one.
moto: users have none, and any ARN will do for a role.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.serialize import return_if_not_empty
from moto.iam.exceptions import NoSuchEntity
from moto.iam.models import IAMBackend, Role, User
from moto.iam.responses import IamResponse


def mend() -> None:
    """Give users what roles have, and check the policy."""
    User.permissions_boundary_arn = None  # type: ignore[attr-defined]
    User.permissions_boundary = Role.permissions_boundary  # type: ignore[attr-defined]
    for action in ("CreateUserResponse", "GetUserResponse"):
        IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER[f"{action}.User.PermissionsBoundary"] = return_if_not_empty
    IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["ListUsersResponse.Users.User.PermissionsBoundary"] = (
        return_if_not_empty
    )
    _create_user()
    _check_roles()
    IamResponse.put_user_permissions_boundary = _put_user  # type: ignore[attr-defined]
    IamResponse.delete_user_permissions_boundary = _delete_user  # type: ignore[attr-defined]


def holders(iam: Any, arn: str) -> list[str]:
    """Names of the users and roles whose boundary is the policy."""
    everyone = [*iam.users.values(), *iam.roles.values()]
    return [found.name for found in everyone if found.permissions_boundary_arn == arn]


def _create_user() -> None:
    original = IamResponse.create_user

    def create(self: IamResponse) -> ActionResult:
        wanted = self._get_param("PermissionsBoundary")
        _check(self.backend, wanted)
        answer = original(self)
        if wanted:
            _user(self).permissions_boundary_arn = wanted
        return answer

    IamResponse.create_user = create  # type: ignore[method-assign]


def _check_roles() -> None:
    create, put = IamResponse.create_role, IamResponse.put_role_permissions_boundary

    def checked_create(self: IamResponse) -> ActionResult:
        _check(self.backend, self._get_param("PermissionsBoundary"))
        return create(self)

    def checked_put(self: IamResponse) -> ActionResult:
        _check(self.backend, self._get_param("PermissionsBoundary"))
        return put(self)

    IamResponse.create_role = checked_create  # type: ignore[method-assign]
    IamResponse.put_role_permissions_boundary = checked_put  # type: ignore[method-assign]


def _check(iam: IAMBackend, arn: str | None) -> None:
    if arn and arn not in iam.managed_policies:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")


def _user(self: IamResponse) -> Any:
    return self.backend.get_user(self._get_param("UserName"))


def _put_user(self: IamResponse) -> ActionResult:
    user, wanted = _user(self), self._get_param("PermissionsBoundary")
    _check(self.backend, wanted)
    user.permissions_boundary_arn = wanted
    return EmptyResult()


def _delete_user(self: IamResponse) -> ActionResult:
    _user(self).permissions_boundary_arn = None
    return EmptyResult()
