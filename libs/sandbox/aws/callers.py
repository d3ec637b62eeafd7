"""Whose an access key is: IAM users' keys and the temporary keys that STS gave out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moto.core.utils import utcnow

from libs.sandbox.aws.eks.control_planes import CallerIdentity


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal behind a request."""

    identity: CallerIdentity
    principal_arn: str
    """The user's or the role's ARN, where `identity.arn` names a role's session."""
    secret_access_key: str
    session_token: str | None
    expires: datetime | None
    """Naive UTC; None for a user's key."""

    @property
    def account_id(self) -> str:
        return self.identity.account_id

    @property
    def expired(self) -> bool:
        return self.expires is not None and self.expires <= utcnow()


def find(access_key_id: str) -> Caller | None:
    """The owner of a key, or None when no user has it, it is inactive, or STS never gave it out."""
    if access_key_id.startswith("ASIA"):
        return _of_session(access_key_id)
    return _of_user(access_key_id)


def _of_user(access_key_id: str) -> Caller | None:
    from moto.iam.models import iam_backends

    for account_id, _, backend in list(iam_backends.iter_backends()):
        for user in list(backend.users.values()):  # type: ignore[attr-defined]
            for key in user.access_keys:
                if key.access_key_id == access_key_id and key.status == "Active":
                    identity = CallerIdentity(account_id=account_id, arn=user.arn, user_id=user.id)
                    return Caller(identity, user.arn, key.secret_access_key, None, None)
    return None


def _of_session(access_key_id: str) -> Caller | None:
    from moto.sts.models import sts_backends

    for account_id, _, backend in list(sts_backends.iter_backends()):
        role = backend.get_assumed_role_from_access_key(access_key_id)  # type: ignore[attr-defined]
        if role is not None:
            identity = CallerIdentity(account_id=account_id, arn=role.arn, user_id=role.user_id)
            return Caller(identity, role.role_arn, role.secret_access_key, role.session_token, role.expiration)
    return None
