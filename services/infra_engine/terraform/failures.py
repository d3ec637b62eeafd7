"""What Terraform's diagnostics mean: a reason, who must act, and what they should do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind
from services.infra_engine.terraform.events import Diagnostic

_MESSAGE_LIMIT = 400


@dataclass(frozen=True)
class _Rule:
    """`pattern` is looked for in the diagnostic's text; the first rule that fits decides."""

    reason: str
    pattern: re.Pattern[str]
    kind: Kind
    actor: Actor
    retryable: bool
    remedy: str
    of_managed: bool = False
    """Whether it is about what the stack makes alone: what a data source misses was never there."""

    def fits(self, text: str, address: str) -> bool:
        if self.of_managed and (address.startswith("data.") or ".data." in address):
            return False
        return self.pattern.search(text) is not None


def _rule(
    reason: str,
    pattern: str,
    kind: Kind,
    actor: Actor,
    retryable: bool,
    remedy: str,
    *,
    of_managed: bool = False,
) -> _Rule:
    return _Rule(reason, re.compile(pattern), kind, actor, retryable, remedy, of_managed)


# How the provider begins to tell of a call that makes or completes something.
_MAKING = (
    "creating|waiting for|updating|putting|setting|attaching|adding|associating|tagging|enabling|modifying|authorizing"
)
# The codes by which services say that they do not know what the call names.
_NOT_SEEN = (
    r"NoSuchEntity|NoSuchBucket|Invalid\w+\.NotFound|InvalidInstanceProfile|\w*(?:SubnetGroup|ParameterGroup|"
    r"SecurityGroup|DBInstance|ReplicationGroup)NotFound\w*|ResourceNotFoundException|NatGatewayNotFound"
)

# From the particular to the general: an access error while a role is assumed is about the role.
_RULES = (
    _rule(
        "DISK_FULL",
        r"no space left on device|disk quota exceeded",
        Kind.RESOURCE_EXHAUSTED,
        Actor.PLATFORM,
        True,
        "Free room where PROVISIONING_STATE_DIR is on the worker, then retry: what is missing in the state is adopted.",
    ),
    _rule(
        "ROLE_NOT_ASSUMABLE",
        r"(?i)cannot assume iam role|cannot be assumed|sts: AssumeRole,.*(AccessDenied|not authorized)",
        Kind.PERMISSION_DENIED,
        Actor.CUSTOMER,
        False,
        "Create the role in the account and let its trust policy admit this platform with the workspace's external id.",
    ),
    _rule(
        "ACCOUNT_MISMATCH",
        r"(?i)AWS account ID not allowed",
        Kind.FAILED_PRECONDITION,
        Actor.CUSTOMER,
        False,
        "Give the account id to which the role belongs.",
    ),
    _rule(
        "PLATFORM_CREDENTIALS_INVALID",
        r"(?i)no valid credential sources|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|RequestExpired",
        Kind.UNAVAILABLE,
        Actor.PLATFORM,
        True,
        "Renew the platform's own AWS credentials, then retry.",
    ),
    _rule(
        "AWS_THROTTLED",
        r"RequestLimitExceeded|Throttl|TooManyRequests|SlowDown|Rate exceeded|PriorRequestNotComplete",
        Kind.UNAVAILABLE,
        Actor.NOBODY,
        True,
        "AWS limits the account's call rate; the run goes on by itself after a while.",
    ),
    _rule(
        "AWS_QUOTA_EXCEEDED",
        r"LimitExceeded|QuotaExceeded|Quota Exceeded|VcpuLimit|AddressLimit|maximum number of (?!attempts)"
        r"|TooManyBuckets|ResourceLimit|exceed(?:s|ed)? (?:the|your) (?:limit|quota)",
        Kind.RESOURCE_EXHAUSTED,
        Actor.CUSTOMER,
        False,
        "Ask AWS to raise the named quota of the account in this region, or free some of it, then retry.",
    ),
    _rule(
        "AWS_CAPACITY",
        r"Insufficient\w*Capacity|InsufficientDBInstanceCapacity|Unsupported\.?AvailabilityZone"
        r"|InsufficientCacheClusterCapacity|insufficient capacity|do not have sufficient",
        Kind.UNAVAILABLE,
        Actor.CLOUD_PROVIDER,
        True,
        "AWS has no capacity of this kind now; retry later, or choose another size or region.",
    ),
    _rule(
        "AWS_ACCESS_DENIED",
        r"AccessDenied|UnauthorizedOperation|not authorized to perform|AuthorizationError|Forbidden\b",
        Kind.PERMISSION_DENIED,
        Actor.CUSTOMER,
        False,
        "Allow the named action to the provisioning role, then retry.",
    ),
    _rule(
        "DEPENDENCY_VIOLATION",
        r"DependencyViolation|DeleteConflict|has dependencies|ResourceInUse\w*: .*(?:in use|attached|nodegroups)"
        r"|InvalidDBSubnetGroupState|is currently in use|BucketNotEmpty",
        Kind.FAILED_PRECONDITION,
        Actor.CUSTOMER,
        True,
        "Remove what still uses the named resource, then retry.",
    ),
    _rule(
        "FINAL_SNAPSHOT_EXISTS",
        r"DBSnapshotAlreadyExists",
        Kind.ALREADY_EXISTS,
        Actor.CUSTOMER,
        False,
        "Copy the snapshot of that name to another if it is still needed, delete it, then retry.",
    ),
    _rule(
        "RESOURCE_ALREADY_EXISTS",
        r"AlreadyExists|EntityAlreadyExists|ResourceExistsException|BucketAlreadyOwnedByYou|already exists"
        r"|InvalidGroup\.Duplicate|InvalidSubnet\.Conflict|InvalidPermission\.Duplicate|AlreadyAssociated"
        r"|ResourceInUse\w*: .*already exist",
        Kind.ALREADY_EXISTS,
        Actor.PLATFORM,
        False,
        "Retry: what a run of this environment left is adopted. What is another's must be removed or renamed first.",
    ),
    # What was made a moment ago is not seen everywhere yet. Of deletes nothing is said here: what they miss is gone.
    _rule(
        "AWS_NOT_YET_CONSISTENT",
        rf"(?s)^(?:{_MAKING}).*(?:api error (?:{_NOT_SEEN})|Invalid principal in policy|Invalid IAM Instance Profile)"
        r"|^(?:waiting for .* creat(?:e|ion)|reading ).*couldn't find resource"
        r"|[Rr]oot (?:object|resource) was present, but now absent"
        # What was found a moment ago: it has gone since, or is not told of everywhere.
        r"|^Cannot import non-existent remote object",
        Kind.UNAVAILABLE,
        Actor.NOBODY,
        True,
        "AWS does not show everywhere yet what was made a moment ago; the run goes on by itself after a while.",
        of_managed=True,
    ),
    _rule(
        "AWS_TIMEOUT",
        r"(?i)timeout while waiting for|context deadline exceeded",
        Kind.DEADLINE_EXCEEDED,
        Actor.CLOUD_PROVIDER,
        True,
        "AWS took longer than it should; retry, the run goes on where it stopped.",
    ),
    _rule(
        "AWS_UNAVAILABLE",
        r"StatusCode: 50[0234]|(?i:connection refused|connection reset|no such host|i/o timeout|EOF\b|broken pipe)"
        r"|request send failed|use of closed network connection|retry quota exceeded|ServiceUnavailable"
        r"|InternalFailure|InternalError|InternalServerError",
        Kind.UNAVAILABLE,
        Actor.CLOUD_PROVIDER,
        True,
        "AWS did not answer as it should; retry, the run goes on where it stopped.",
    ),
    _rule(
        "AWS_REFUSED",
        r"api error (\w+)|unexpected state '\w*FAILED'",
        Kind.FAILED_PRECONDITION,
        Actor.PLATFORM,
        False,
        "Read the error of AWS; change the document or the account if it names them, else report it.",
    ),
)
_OTHER = _rule(
    "TERRAFORM_ERROR",
    "",
    Kind.INTERNAL,
    Actor.PLATFORM,
    False,
    "Read the log of the command; the stack or the platform is at fault, not the document.",
)
_CANCELLED = _rule(
    "CANCELLED",
    r"(?i)execution halted|operation was cancel|context canceled",
    Kind.CANCELLED,
    Actor.NOBODY,
    True,
    "Retry to go on.",
)

# Told apart in the metadata.
_RESPONSE = re.compile(
    r"(exceeded maximum number of attempts, \d+, )?https response error StatusCode: \d+, RequestID: [^,]*, "
)
_REQUEST_ID = re.compile(r"(?i)request ?id:? ([0-9a-z-]{8,})")
_ERROR_CODE = re.compile(r"api error ([A-Za-z0-9.]+)")
_OPERATION = re.compile(r"operation error ([\w ]+): (\w+)")


def classify(diagnostic: Diagnostic, *, private: str = "") -> Failure:
    """The failure behind one error diagnostic."""
    text = f"{diagnostic.summary}\n{diagnostic.detail}"
    rule = next((rule for rule in (_CANCELLED, *_RULES) if rule.fits(text, diagnostic.address)), _OTHER)
    return Failure(
        rule.reason,
        _sentence(diagnostic),
        kind=rule.kind,
        retryable=rule.retryable,
        actor=rule.actor,
        remedy=rule.remedy,
        resource_address=diagnostic.address,
        metadata=_metadata(text),
        private=private or diagnostic.detail,
    )


def root_cause(diagnostics: Iterable[Diagnostic], *, command: str, private: str = "") -> Failure:
    """One failure for a command that failed: of several errors the one that explains the others best.

    An error that only a person can mend comes before one that a retry mends, and any before what is merely unknown.
    """
    failures = [classify(one, private=private) for one in diagnostics if one.severity == "error"]
    if not failures:
        return Failure(
            _OTHER.reason,
            f"terraform {command} failed without saying why.",
            kind=_OTHER.kind,
            actor=_OTHER.actor,
            remedy=_OTHER.remedy,
            private=private,
        )
    order = [rule.reason for rule in (*_RULES, _CANCELLED, _OTHER)]
    return min(failures, key=lambda failure: (failure.retryable, order.index(failure.reason)))


def _sentence(diagnostic: Diagnostic) -> str:
    text = _RESPONSE.sub("", " ".join(diagnostic.summary.split()))
    if len(text) > _MESSAGE_LIMIT:
        text = text[: _MESSAGE_LIMIT - 1].rstrip() + "…"
    return text


def _metadata(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if request := _REQUEST_ID.search(text):
        found["aws_request_id"] = request[1]
    if code := _ERROR_CODE.search(text):
        found["aws_error_code"] = code[1]
    if operation := _OPERATION.search(text):
        found["aws_operation"] = f"{operation[1].strip()}:{operation[2]}"
    return found
