"""What the Kubernetes side needs of the sandbox's AWS: its API, with credentials that act in a cluster's
account."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys that act in one account, never shown in logs."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id})"


@dataclass(frozen=True, slots=True)
class ClusterScope:
    """The cluster that something is done for, and where."""

    arn: str
    name: str
    region: str
    account_id: str
    vpc_id: str


class AwsAccess:
    """Clients of the sandbox's own AWS API. Thread-safe.

    `endpoint_url` gives the address that answers every service; it is asked late, since the control planes are
    made before the AWS side listens. `credentials` gives keys that act in the account it is asked for.
    """

    def __init__(self, endpoint_url: Callable[[], str], credentials: Callable[[str], Credentials]) -> None:
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._lock = threading.Lock()
        # One for all clients, since it is the session that keeps the services' large descriptions.
        self._session = boto3.session.Session()
        self._clients: dict[tuple[str, str, str], Any] = {}

    def hosts(self) -> frozenset[str]:
        """The hosts, with port, by which the API is called from this machine."""
        address = urlsplit(self._endpoint_url())
        port = "" if address.port is None else f":{address.port}"
        return frozenset({address.netloc, f"127.0.0.1{port}", f"localhost{port}"})

    def tokens(self, scope: ClusterScope, group: str) -> tuple[list[str], bool]:
        """The auth tokens that a replication group takes, and whether it lets clients in without one.

        The real ElastiCache tells nobody; the sandbox's own API does.
        """
        path = f"/sandbox/accounts/{scope.account_id}/replication-groups/{scope.region}/{group}/tokens"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self._endpoint_url().rstrip('/')}{path}", timeout=10) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 404:
                    raise
            return [], True  # deleted since it was listed
        return list(told["tokens"]), bool(told["without_token"])

    def client(self, service: str, scope: ClusterScope) -> Any:
        """A boto3 client for the scope's account and region; asking again gives the same one."""
        key = (service, scope.account_id, scope.region)
        with self._lock:
            if key not in self._clients:
                keys = self._credentials(scope.account_id)
                # boto3's stubs type `client` by literal service names, of which there are hundreds.
                make = cast(Callable[..., Any], self._session.client)
                self._clients[key] = make(
                    service,
                    region_name=scope.region,
                    endpoint_url=self._endpoint_url(),
                    aws_access_key_id=keys.access_key_id,
                    aws_secret_access_key=keys.secret_access_key,
                    aws_session_token=keys.session_token,
                    config=Config(
                        connect_timeout=5,
                        read_timeout=30,
                        retries={"max_attempts": 2},
                        s3={"addressing_style": "path"},
                        proxies={},
                    ),
                )
            return self._clients[key]
