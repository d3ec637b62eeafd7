"""Signature Version 4, checked as AWS checks it: in the Authorization header or in a presigned URL.

Only what a request carries is trusted: the signed headers, the query, and the hash of the body as the
client declared it (a declared hash that is not the body's is refused).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

_ALGORITHM = "AWS4-HMAC-SHA256"
_NOT_THE_BODYS_HASH = ("UNSIGNED-PAYLOAD", "STREAMING-")
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request says about its signature."""

    access_key_id: str
    scope: str
    """`<date>/<region>/<service>/aws4_request`."""
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    session_token: str | None
    date: str
    presigned: bool
    expires_seconds: int | None = None

    def expired(self, now: datetime | None = None) -> bool:
        """Whether a presigned URL's time is over; a header's signature is not dated here."""
        if self.expires_seconds is None:
            return False
        made = datetime.strptime(self.date, _TIME).replace(tzinfo=UTC)
        return (now or datetime.now(UTC)) > made + timedelta(seconds=self.expires_seconds)


def read(headers: Mapping[str, str], query: str) -> Signed | None:
    """The signature of a request, or None when it carries none of version 4. Header names in lower case."""
    authorization = headers.get("authorization", "")
    if authorization.startswith(_ALGORITHM):
        parts = dict(part.strip().split("=", 1) for part in authorization[len(_ALGORITHM) :].split(",") if "=" in part)
        return _signed(
            parts.get("Credential", ""),
            parts.get("SignedHeaders", ""),
            parts.get("Signature", ""),
            headers.get("x-amz-security-token"),
            headers.get("x-amz-date", ""),
            None,
        )
    values = dict(parse_qsl(query, keep_blank_values=True))
    if values.get("X-Amz-Algorithm") == _ALGORITHM:
        lifetime = values.get("X-Amz-Expires", "")
        return _signed(
            values.get("X-Amz-Credential", ""),
            values.get("X-Amz-SignedHeaders", ""),
            values.get("X-Amz-Signature", ""),
            values.get("X-Amz-Security-Token"),
            values.get("X-Amz-Date", ""),
            int(lifetime) if lifetime.isdigit() else 0,
        )
    return None


def _signed(
    credential: str, signed_headers: str, signature: str, token: str | None, date: str, expires: int | None
) -> Signed | None:
    parts = credential.split("/")
    if len(parts) != 5 or not date:
        return None
    return Signed(
        access_key_id=parts[0],
        scope="/".join(parts[1:]),
        region=parts[2],
        service=parts[3].lower(),
        signed_headers=tuple(signed_headers.split(";")),
        signature=signature,
        session_token=token,
        date=date,
        presigned=expires is not None,
        expires_seconds=expires,
    )


def holds(
    signed: Signed,
    secret_access_key: str,
    method: str,
    raw_path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> bool:
    """Whether the secret key made the signature. `body` None: the declared hash is taken as it is."""
    payload_hash = _payload_hash(signed, headers, body)
    if payload_hash is None:
        return False
    canonical = "\n".join(
        (
            method,
            _canonical_path(signed.service, raw_path),
            _canonical_query(query),
            *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed.signed_headers),
            "",
            ";".join(signed.signed_headers),
            payload_hash,
        )
    )
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join((_ALGORITHM, signed.date, signed.scope, hashed))
    key = f"AWS4{secret_access_key}".encode()
    for part in signed.scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signed.signature)


def _payload_hash(signed: Signed, headers: Mapping[str, str], body: bytes | None) -> str | None:
    declared = headers.get("x-amz-content-sha256")
    if signed.presigned and signed.service == "s3":
        return declared or "UNSIGNED-PAYLOAD"
    if declared is None:
        return hashlib.sha256(body or b"").hexdigest()
    if body is None or declared.startswith(_NOT_THE_BODYS_HASH):
        return declared
    return declared if declared == hashlib.sha256(body).hexdigest() else None


def _canonical_path(service: str, raw_path: str) -> str:
    # Every service but S3 encodes the path once more than it travels.
    path = unquote(raw_path) if service == "s3" else raw_path
    return quote(path, safe="/-_.~") or "/"


def _canonical_query(query: str) -> str:
    pairs = []
    for item in query.split("&"):
        if not item:
            continue
        name, _, value = item.partition("=")
        name, value = unquote(name.replace("+", " ")), unquote(value.replace("+", " "))
        if name != "X-Amz-Signature":
            pairs.append((quote(name, safe="-_.~"), quote(value, safe="-_.~")))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))
