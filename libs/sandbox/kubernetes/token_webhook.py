"""The TokenReview webhook that every API server of the sandbox asks about bearer tokens."""

from __future__ import annotations

import datetime
import json
import logging
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ..aws.eks.control_planes import CallerIdentity, IdentityLookup
from .aws_access import ClusterScope
from .certificates import CertificateAuthority
from .token import TokenRefused, presigned_url

_LOG = logging.getLogger(__name__)


class TokenReviewer:
    """Decides about tokens: pure but for what it asks of `identity`."""

    def __init__(self, identity: IdentityLookup, sts_hosts: frozenset[str]) -> None:
        self._identity = identity
        self._sts_hosts = sts_hosts

    def review(self, token: str, cluster: ClusterScope, now: datetime.datetime) -> dict[str, Any]:
        """The `status` of a TokenReview (authentication.k8s.io/v1)."""
        try:
            caller = self._caller(token, cluster, now)
            user = self._identity.kubernetes_identity(cluster.arn, caller.arn)
            if user is None:
                raise TokenRefused(f"{caller.arn} has no access entry in cluster {cluster.name}")
        except TokenRefused as refused:
            return {"authenticated": False, "error": str(refused)}
        return {
            "authenticated": True,
            "user": {
                "username": user.username,
                "uid": f"aws-iam-authenticator:{caller.account_id}:{caller.user_id}",
                "groups": list(user.groups),
                "extra": {"arn": [caller.arn]},
            },
        }

    def _caller(self, token: str, cluster: ClusterScope, now: datetime.datetime) -> CallerIdentity:
        url = presigned_url(token, self._sts_hosts, now)
        caller = self._identity.identify(url, cluster.name)
        if caller is None:
            raise TokenRefused("STS does not know who signed the token, or it was signed for another cluster")
        return caller


class TokenWebhook:
    """A TLS server on loopback, one for all clusters; a cluster's URL ends in its key."""

    def __init__(self, reviewer: TokenReviewer, folder: Path) -> None:
        authority = CertificateAuthority(folder, "sandbox-token-webhook")
        pair = authority.issue("webhook", "sandbox-token-webhook")
        self.authority_pem = authority.pem
        """PEM of the authority that signs the server's certificate."""
        self._clusters: dict[str, ClusterScope] = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self._server = _Server(("127.0.0.1", 0), _handler(reviewer, self._clusters.get))
        # The handshake is left to the request's own thread: a slow client must not hold the others up.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True, name="token-webhook")
        self._thread.start()

    def add(self, key: str, cluster: ClusterScope) -> str:
        """Answer for `cluster`; gives the URL to ask."""
        self._clusters[key] = cluster
        return f"https://127.0.0.1:{self._server.server_address[1]}/{key}"

    def remove(self, key: str) -> None:
        """Answer no more for the cluster of `key`."""
        self._clusters.pop(key, None)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        _LOG.debug("a connection to the token webhook broke", exc_info=True)


def _handler(
    reviewer: TokenReviewer, cluster_of: Callable[[str], ClusterScope | None]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            # The API server adds its own query, such as ?timeout=30s.
            cluster = cluster_of(self.path.split("?")[0].strip("/"))
            if cluster is None:
                self.send_error(404)
                return
            try:
                token = json.loads(body)["spec"]["token"]
            except (ValueError, KeyError, TypeError):
                self.send_error(400)
                return
            status = reviewer.review(str(token), cluster, datetime.datetime.now(datetime.UTC))
            if not status["authenticated"]:
                _LOG.info("token refused", extra={"cluster": cluster.name, "reason": status["error"]})
            answer = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Refusals are logged above; the rest is noise."""

    return Handler
