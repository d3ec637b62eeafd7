"""What an error of the AWS SDK means to its reader. No SDK import: errors are told by their shape."""

from __future__ import annotations

from typing import Any

from libs.aws_access.access import AwsAccess
from libs.failures import Actor, Failure, Kind

THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"}
)
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthFailure"})
_BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NO_CREDENTIALS = frozenset({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"})


def error_code(error: BaseException) -> str:
    """The service's error code, or the name of the SDK's exception when no service answered."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", ""))
    return type(error).__name__


def assume_failure(error: BaseException, access: AwsAccess) -> Failure:
    """The failure to report when `sts:AssumeRole` with the external id did not work."""
    code = error_code(error)
    if code in DENIED or code == "ValidationError":
        return Failure(
            reason="ROLE_NOT_ASSUMABLE",
            kind=Kind.PERMISSION_DENIED,
            message=f"The role {access.role_arn} cannot be assumed in {access.region}.",
            retryable=False,
            actor=Actor.CUSTOMER,
            remedy=(
                f"Let the trust policy of {access.role_arn} allow sts:AssumeRole to this platform's principal"
                f" with the condition StringEquals sts:ExternalId = {access.external_id}, then retry."
            ),
            resource_address=access.role_arn,
            metadata={"aws_error_code": code},
        )
    if code == "RegionDisabledException":
        return Failure(
            reason="REGION_DISABLED",
            kind=Kind.FAILED_PRECONDITION,
            message=f"AWS STS is not active for {access.region} in account {access.account_id}.",
            retryable=False,
            actor=Actor.CUSTOMER,
            remedy=f"Enable {access.region} in account {access.account_id}, or choose another region.",
            resource_address=access.role_arn,
            metadata={"aws_error_code": code},
        )
    return aws_failure(error, access, f"assume the role {access.role_arn}")


def aws_failure(error: BaseException, access: AwsAccess, doing: str, resource: str = "") -> Failure:
    """The failure to report for any other AWS call. `doing` ends the sentence "AWS did not let us ..."."""
    if isinstance(error, Failure):
        return error
    code = error_code(error)
    target = resource or access.role_arn
    metadata = {"aws_error_code": code}
    if code in _BAD_CREDENTIALS or code in _NO_CREDENTIALS:
        return Failure(
            reason="PLATFORM_CREDENTIALS_INVALID",
            kind=Kind.UNAUTHENTICATED,
            message=f"The platform's own AWS credentials were not accepted while trying to {doing} ({code}).",
            retryable=True,
            actor=Actor.PLATFORM,
            remedy="Give this service valid AWS credentials (instance role, web identity, AWS_* variables).",
            resource_address=target,
            metadata=metadata,
        )
    if code in DENIED:
        return Failure(
            reason="AWS_PERMISSION_DENIED",
            kind=Kind.PERMISSION_DENIED,
            message=f"The role {access.role_arn} is not allowed to {doing}.",
            retryable=False,
            actor=Actor.CUSTOMER,
            remedy=f"Add the missing permission to {access.role_arn}, or lift what denies it, then retry.",
            resource_address=target,
            metadata=metadata,
        )
    if code in THROTTLED:
        return Failure(
            reason="AWS_THROTTLED",
            kind=Kind.RESOURCE_EXHAUSTED,
            message=f"AWS is throttling account {access.account_id}; it did not let us {doing}.",
            retryable=True,
            actor=Actor.NOBODY,
            remedy="It is tried again by itself; if it stays, ask AWS for a higher request limit.",
            resource_address=target,
            metadata=metadata,
        )
    if getattr(error, "response", None) is None:
        return Failure(
            reason="AWS_UNREACHABLE",
            kind=Kind.UNAVAILABLE,
            message=f"AWS did not answer while trying to {doing} ({code}).",
            retryable=True,
            actor=Actor.PLATFORM,
            remedy="Check this service's network path to AWS and its AWS_ENDPOINT_URL settings.",
            resource_address=target,
            metadata=metadata,
        )
    return Failure(
        reason="AWS_CALL_FAILED",
        kind=Kind.INTERNAL,
        message=f"AWS refused to {doing} ({code}).",
        retryable=True,
        actor=Actor.PLATFORM,
        remedy="Look the error code up in the service's API reference; the call is tried again by itself.",
        resource_address=target,
        metadata=metadata,
    )
