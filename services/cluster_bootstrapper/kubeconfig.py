"""The IAM token that an EKS cluster accepts, made in memory from AWS credentials (no aws CLI).

The token is a presigned STS GetCallerIdentity URL, signed with the cluster's name as a header. EKS
accepts it for 15 minutes from the signature; we renew it after 14. botocore is imported on first use.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

TOKEN_PREFIX = "k8s-aws-v1."
TOKEN_SECONDS = 14 * 60
CLUSTER_HEADER = "x-k8s-aws-id"

# What EKS's own clients ask for; the signature's date, not this, bounds the token's life on the server.
_URL_EXPIRES_SECONDS = 60


@dataclass(frozen=True)
class EksToken:
    """A bearer token and until when to use it, in seconds since the epoch."""

    value: str
    expires_at: float

    def __repr__(self) -> str:
        return f"EksToken(value='***', expires_at={self.expires_at})"


def sts_token_endpoint(environment: Mapping[str, str], region: str) -> str:
    """The STS that the cluster's authenticator will ask: a setting, else the SDK's, else the region's own."""
    for name in ("PROVISIONING_STS_TOKEN_ENDPOINT", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"):
        if value := environment.get(name, "").strip():
            return value if "://" in value else f"https://{value}"
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://sts.{region}.{suffix}"


def eks_token(session: boto3.Session, cluster_name: str, region: str, sts_endpoint: str) -> EksToken:
    """A fresh token. Blocks only if the session's credentials have to be renewed (then it may raise
    Failure).
    """
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    request: Any = AWSRequest(
        method="GET",
        url=f"{sts_endpoint.rstrip('/')}/?Action=GetCallerIdentity&Version=2011-06-15",
        headers={CLUSTER_HEADER: cluster_name},
    )
    credentials = session.get_credentials().get_frozen_credentials()
    SigV4QueryAuth(credentials, "sts", region, expires=_URL_EXPIRES_SECONDS).add_auth(request)
    encoded = base64.urlsafe_b64encode(request.url.encode()).rstrip(b"=").decode()
    return EksToken(value=TOKEN_PREFIX + encoded, expires_at=time.time() + TOKEN_SECONDS)


class TokenCache:
    """A TokenSource: makes a token when there is none, or when the last has less than `spare_seconds` to
    live.

    One at a time: callers that come while a token is being made wait for that one.
    """

    def __init__(self, make: Callable[[], EksToken], spare_seconds: float = 60.0) -> None:
        self._make = make
        self._spare = spare_seconds
        self._token: EksToken | None = None
        self._making = asyncio.Lock()

    async def __call__(self) -> str:
        async with self._making:
            if self._token is None or self._token.expires_at - time.time() < self._spare:
                self._token = await asyncio.to_thread(self._make)
            return self._token.value

    async def fresh(self) -> str:
        """A new token with its whole life ahead, for a long child process."""
        async with self._making:
            self._token = await asyncio.to_thread(self._make)
            return self._token.value
