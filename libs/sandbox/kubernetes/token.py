"""The EKS bearer token: what it holds, and what of it is checked before STS is asked (standard library
only)."""

from __future__ import annotations

import base64
import binascii
import datetime
from urllib.parse import parse_qs, urlsplit

_PREFIX = "k8s-aws-v1."
_MAX_LENGTH = 1024 * 4
_MAX_AGE = datetime.timedelta(minutes=15)
_CLUSTER_HEADER = "x-k8s-aws-id"
_ALLOWED = frozenset(
    {
        "action",
        "version",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-security-token",
        "x-amz-signature",
        "x-amz-signedheaders",
        "x-amz-user-agent",
    }
)


class TokenRefused(ValueError):
    """A token that is not one of this cluster's; its text says why and holds nothing of the token."""


def presigned_url(token: str, hosts: frozenset[str], now: datetime.datetime) -> str:
    """The presigned GetCallerIdentity URL inside `token`, after every check that needs no key.

    `hosts` are the STS hosts (with port where they have one) that may have been signed for. Raises
    `TokenRefused`.
    """
    if not token.startswith(_PREFIX):
        raise TokenRefused(f"the token does not start with {_PREFIX}")
    if len(token) > _MAX_LENGTH:
        raise TokenRefused("the token is longer than 4096 characters")
    url = _decode(token.removeprefix(_PREFIX))
    parts = urlsplit(url)
    if parts.netloc.lower() not in hosts and not _is_sts(parts.netloc.lower()):
        raise TokenRefused(f"{parts.netloc or 'an empty host'} is not an STS endpoint of this cloud")
    if parts.path not in ("", "/"):
        raise TokenRefused("the URL's path is not /")
    query = {key.lower(): values for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if unknown := sorted(set(query) - _ALLOWED):
        raise TokenRefused(f"the URL has the parameter {unknown[0]}, which is not allowed")
    if repeated := sorted(key for key, values in query.items() if len(values) > 1):
        raise TokenRefused(f"the URL has the parameter {repeated[0]} more than once")
    _check({key: values[0] for key, values in query.items()}, now)
    return url


def _decode(encoded: str) -> str:
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenRefused("the token is not base64url text") from error


def _is_sts(host: str) -> bool:
    labels = host.split(".")
    return host == "sts.amazonaws.com" or (
        len(labels) == 4 and labels[0] in ("sts", "sts-fips") and labels[2:] == ["amazonaws", "com"]
    )


def _check(query: dict[str, str], now: datetime.datetime) -> None:
    if query.get("action") != "GetCallerIdentity":
        raise TokenRefused("the URL's action is not GetCallerIdentity")
    if _CLUSTER_HEADER not in query.get("x-amz-signedheaders", "").lower().split(";"):
        raise TokenRefused(f"the URL was not signed with the header {_CLUSTER_HEADER}")
    try:
        signed = datetime.datetime.strptime(query.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
        lifetime = datetime.timedelta(seconds=int(query.get("x-amz-expires", "")))
    except ValueError as error:
        raise TokenRefused("the URL's X-Amz-Date or X-Amz-Expires cannot be read") from error
    if not datetime.timedelta(0) < lifetime <= _MAX_AGE:
        raise TokenRefused("the URL's X-Amz-Expires is not between 1 and 900 seconds")
    if signed > now + datetime.timedelta(minutes=5):
        raise TokenRefused("the URL was signed in the future")
    # EKS counts fifteen minutes from the signature, whatever shorter life the URL itself claims.
    if now > signed + _MAX_AGE:
        raise TokenRefused("the token has expired")
