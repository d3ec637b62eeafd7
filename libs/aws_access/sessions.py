"""boto3 sessions inside a customer's account. Every call here blocks: use `asyncio.to_thread` at the edge.

boto3 is imported on the first call (0.5 s, ~20 MB). Endpoints and base credentials come from the SDK's own
environment variables (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, ...).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from libs.aws_access.access import AwsAccess
from libs.aws_access.budget import budget_of
from libs.aws_access.errors import DENIED, assume_failure, aws_failure, error_code
from libs.failures import Actor, Failure, Kind

if TYPE_CHECKING:
    import boto3

# Roles chained from a role are capped at one hour by AWS; the session renews itself well before that.
_DURATION_SECONDS = 3600
_FORBIDDEN_IN_SESSION_NAME = re.compile(r"[^\w+=,.@-]")


def session_for(access: AwsAccess, session_name: str) -> boto3.Session:
    """A session whose credentials are the customer's role, renewed before they expire.

    `session_name` shows up in the customer's CloudTrail; what STS does not accept in it is replaced, and it
    is cut at 64 characters. The role is assumed once before the return. Raises Failure `ROLE_NOT_ASSUMABLE`
    and the others of `errors.assume_failure`; a renewal that fails raises the same out of the call that
    needed it.
    """
    import boto3
    from botocore.credentials import RefreshableCredentials

    name = (_FORBIDDEN_IN_SESSION_NAME.sub("-", session_name) or "provisioning")[:64]
    sts = _base_sts(access)

    def assume() -> dict[str, str]:
        try:
            answer = sts.assume_role(
                RoleArn=access.role_arn,
                RoleSessionName=name,
                ExternalId=access.external_id,
                DurationSeconds=_DURATION_SECONDS,
            )
        except Exception as error:
            raise assume_failure(error, access) from error
        return _metadata(answer["Credentials"])

    credentials = RefreshableCredentials.create_from_metadata(
        metadata=assume(), refresh_using=assume, method="assume-role"
    )
    core = _core_session(access.region, lambda: credentials)
    budget = budget_of(access.account_id)
    # Every try of every client of the session; `None` lets the call go on to AWS.
    core.register("before-send", lambda **_: budget.spend())
    return boto3.Session(botocore_session=core)


def s3_client(access: AwsAccess, session_name: str, *, path_style: bool) -> Any:
    """S3 as the customer's role. `path_style` addresses buckets by path, as endpoints that are not AWS's own need."""
    from botocore.config import Config

    style = {"addressing_style": "path"} if path_style else {}
    return session_for(access, session_name).client("s3", config=Config(s3=style))


def prove_external_id_required(access: AwsAccess) -> None:
    """Raises Failure `EXTERNAL_ID_NOT_REQUIRED` if the role can be assumed without the external id.

    A refusal proves the point only for a role that can be assumed with it, so call `session_for` first.
    """
    try:
        _base_sts(access).assume_role(RoleArn=access.role_arn, RoleSessionName="external-id-check", DurationSeconds=900)
    except Exception as error:
        if error_code(error) in DENIED:
            return
        raise aws_failure(error, access, f"check the trust policy of {access.role_arn}") from error
    raise Failure(
        reason="EXTERNAL_ID_NOT_REQUIRED",
        kind=Kind.FAILED_PRECONDITION,
        message=f"The role {access.role_arn} can be assumed without the external id.",
        retryable=False,
        actor=Actor.CUSTOMER,
        remedy=(
            f"Add the condition StringEquals sts:ExternalId = {access.external_id} to the trust policy "
            f"of {access.role_arn}, then retry."
        ),
        resource_address=access.role_arn,
    )


def _base_sts(access: AwsAccess) -> Any:
    """STS as the platform itself, in the customer's region (regional tokens work in opt-in regions too)."""
    import boto3

    return boto3.Session(botocore_session=_core_session(access.region, None)).client("sts")


def _core_session(region: str, load: Callable[[], Any] | None) -> Any:
    import botocore.session
    from botocore.config import Config
    from botocore.credentials import CredentialProvider, CredentialResolver

    core = botocore.session.get_session()
    core.register_component("data_loader", _models())
    core.set_config_variable("region", region)
    core.set_default_client_config(
        # Adaptive: a client that is throttled slows down before AWS lets its calls fail.
        Config(connect_timeout=5, read_timeout=30, retries={"mode": "adaptive", "max_attempts": 5})
    )
    if load is not None:
        provider = CredentialProvider()
        provider.METHOD = "assume-role"
        provider.load = load
        core.register_component("credential_provider", CredentialResolver(providers=[provider]))
    return core


@cache
def _models() -> Any:
    """One for all sessions: to read a service's model takes ten times as long as to make a client of it."""
    from botocore.loaders import create_loader

    return create_loader()


def _metadata(credentials: dict[str, Any]) -> dict[str, str]:
    return {
        "access_key": credentials["AccessKeyId"],
        "secret_key": credentials["SecretAccessKey"],
        "token": credentials["SessionToken"],
        "expiry_time": credentials["Expiration"].isoformat(),
    }
