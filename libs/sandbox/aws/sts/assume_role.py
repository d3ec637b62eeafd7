"""AssumeRole and GetCallerIdentity.

AWS: a role is assumed when it exists and its trust policy allows the caller, with the external id that the
policy asks for; every failure is the same AccessDenied, so that nobody learns which roles exist. Sessions
last from 15 minutes to the role's maximum, one hour when a session assumes the role.
moto: every role, existing or not, is assumed by everyone with any external id.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.iam.models import Role
from moto.sts.models import STSBackend, sts_backends
from moto.sts.responses import TokenResponse

from libs.sandbox.aws import errors
from libs.sandbox.aws.callers import Caller
from libs.sandbox.aws.failures import AwsFailure
from libs.sandbox.aws.iam import lookup
from libs.sandbox.aws.sts.trust import Assuming, allows

_CHAINED_SECONDS = 3600


def mend() -> None:
    """Judge by the trust policy; refuse what the sandbox cannot judge."""
    original = TokenResponse.assume_role

    def assume_role(self: TokenResponse) -> Any:
        caller: Caller = self.normalized_request.environ["sandbox.caller"]
        role_arn, external_id = self._get_param("RoleArn"), self._get_param("ExternalId")
        assuming = Assuming(caller.account_id, caller.identity.arn, caller.principal_arn, external_id)
        role = lookup.role(role_arn)
        if role is None or not allows(role.assume_role_policy_document, assuming):
            text = f"User: {caller.identity.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
            status, headers, body = errors.render("sts", "AccessDenied", text, 403)
            return body.decode(), {**headers, "status": status}
        _check_duration(self._get_int_param("DurationSeconds", 3600), role, caller)
        _forget_expired(sts_backends[role.account_id]["aws"])
        return original(self)

    TokenResponse.assume_role = assume_role  # type: ignore[method-assign]
    TokenResponse.get_caller_identity = _get_caller_identity  # type: ignore[method-assign]
    for name in ("assume_role_with_web_identity", "assume_role_with_saml", "get_session_token", "get_federation_token"):
        setattr(TokenResponse, name, _not_here)


def _check_duration(seconds: int, role: Role, caller: Caller) -> None:
    if seconds < 900:
        raise AwsFailure(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 900",
        )
    if caller.session_token is not None and seconds > _CHAINED_SECONDS:
        raise AwsFailure(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    if seconds > int(role.max_session_duration or 3600):
        raise AwsFailure(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )


def _forget_expired(backend: STSBackend) -> None:
    now = utcnow()
    backend.assumed_roles[:] = [role for role in backend.assumed_roles if role.expiration > now]


def _get_caller_identity(self: TokenResponse) -> Any:
    from moto.core.responses import ActionResult

    identity = self.normalized_request.environ["sandbox.caller"].identity
    return ActionResult({"UserId": identity.user_id, "Account": identity.account_id, "Arn": identity.arn})


def _not_here(self: TokenResponse) -> Any:
    raise NotImplementedError(f"The sandbox's STS does not know {self._get_action()}.")
