"""The Kubernetes API over HTTPS: the few verbs that this service needs.

The official client costs 100 MB of memory and 2.5 s on import, more than this whole process may take;
five verbs on plain JSON need neither its models nor its threads. One connection a request: polls are
seconds apart.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlencode

from libs.failures import Actor, Failure, Kind
from libs.interrupts.whole import to_its_end
from services.cluster_bootstrapper.cluster import Cluster
from services.cluster_bootstrapper.port_forward import forwarded
from services.cluster_bootstrapper.ports import ByteStream, Json, TokenSource

FIELD_MANAGER = "beta9-provisioning"
_TIMEOUT_SECONDS = 30.0
_PAGE = 500


class KubeApi:
    """A `Kube` on a real API server. `token` is asked for every request."""

    def __init__(self, cluster: Cluster, token: TokenSource) -> None:
        self._cluster = cluster
        self._token = token
        self._tls = ssl.create_default_context(cadata=cluster.ca_pem)

    async def get(self, path: str) -> Json | None:
        status, body = await self._send("GET", path)
        if status == 404:
            return None
        return self._checked(status, body, "read", path)

    async def list(self, path: str, *, label_selector: str = "", field_selector: str = "") -> list[Json]:
        items: list[Json] = []
        query = {"limit": str(_PAGE)}
        if label_selector:
            query["labelSelector"] = label_selector
        if field_selector:
            query["fieldSelector"] = field_selector
        while True:
            status, body = await self._send("GET", f"{path}?{urlencode(query)}")
            if status == 404:
                return items
            page = self._checked(status, body, "list", path)
            items.extend(page.get("items") or [])
            following = (page.get("metadata") or {}).get("continue")
            if not following:
                return items
            query["continue"] = following

    async def apply(self, path: str, manifest: Json) -> Json:
        target = f"{path}?{urlencode({'fieldManager': FIELD_MANAGER, 'force': 'true'})}"
        status, body = await self._send("PATCH", target, json.dumps(manifest).encode(), "application/apply-patch+yaml")
        return self._checked(status, body, "apply", path)

    async def delete(self, path: str, *, propagation: str = "Background") -> bool:
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        status, body = await self._send("DELETE", path, json.dumps(options).encode())
        if status == 404:
            return False
        self._checked(status, body, "delete", path)
        return True

    def forward(self, namespace: str, pod: str, port: int) -> AbstractAsyncContextManager[ByteStream]:
        return forwarded(self._cluster, self._tls, self._token, namespace, pod, port)

    async def _send(
        self, verb: str, target: str, body: bytes | None = None, media: str = "application/json"
    ) -> tuple[int, bytes]:
        headers = {
            "Authorization": f"Bearer {await self._token()}",
            "Accept": "application/json",
            "User-Agent": FIELD_MANAGER,
        }
        if body is not None:
            headers["Content-Type"] = media
        try:
            exchange = asyncio.ensure_future(asyncio.to_thread(self._exchange, verb, target, body, headers))
            try:
                return await asyncio.shield(exchange)
            except asyncio.CancelledError:
                if verb != "GET":
                    # What is on its way cannot be called back, and nobody may believe that it is over.
                    await to_its_end(_settled(exchange))
                raise
        except (OSError, http.client.HTTPException) as error:
            raise unreachable(self._cluster, error) from error

    def _exchange(self, verb: str, target: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(
            self._cluster.host, self._cluster.port, timeout=_TIMEOUT_SECONDS, context=self._tls
        )
        try:
            connection.request(verb, self._cluster.base_path + target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _checked(self, status: int, body: bytes, verb: str, path: str) -> Json:
        try:
            parsed = json.loads(body) if body else {}
        except ValueError:
            parsed = {}
        document: Json = parsed if isinstance(parsed, dict) else {}
        if status < 300:
            return document
        raise refused(self._cluster, status, document, verb, path)


async def _settled(work: asyncio.Future[tuple[int, bytes]]) -> None:
    await asyncio.wait([work])


def unreachable(cluster: Cluster, error: BaseException) -> Failure:
    """The failure for an API that does not answer at all."""
    return Failure(
        reason="CLUSTER_UNREACHABLE",
        message=f"The Kubernetes API of cluster {cluster.name} does not answer at {cluster.endpoint}.",
        kind=Kind.UNAVAILABLE,
        retryable=True,
        actor=Actor.PLATFORM,
        remedy=(
            "Check that this service can reach the endpoint (public access list, VPN or peering) "
            "and that the cluster is ACTIVE; it is tried again."
        ),
        resource_address=f"eks/{cluster.name}",
        private=f"{type(error).__name__}: {error}",
    )


def refused(cluster: Cluster, status: int, document: Json, verb: str, path: str) -> Failure:
    """The failure for an answer that is an error."""
    metadata = {"http_status": str(status), "kubernetes_reason": str(document.get("reason", ""))}
    said = str(document.get("message", ""))
    if status in (401, 403):
        return Failure(
            reason="CLUSTER_ACCESS_DENIED",
            message=f"Cluster {cluster.name} does not let the environment's role {verb} {path}.",
            kind=Kind.PERMISSION_DENIED,
            # EKS takes some seconds to learn a new access entry.
            retryable=status == 401,
            actor=Actor.CUSTOMER,
            remedy="Give the role an EKS access entry with AmazonEKSClusterAdminPolicy, then retry.",
            resource_address=f"eks/{cluster.name}{path}",
            metadata=metadata,
            private=said,
        )
    return Failure(
        reason="KUBERNETES_CALL_FAILED",
        message=f"Cluster {cluster.name} refused to {verb} {path} (HTTP {status}).",
        kind=Kind.UNAVAILABLE if status >= 500 or status == 429 else Kind.FAILED_PRECONDITION,
        retryable=status in (409, 429) or status >= 500,
        actor=Actor.PLATFORM,
        remedy="See the attempt's log for what the API said; transient refusals are tried again.",
        resource_address=f"eks/{cluster.name}{path}",
        metadata=metadata,
        private=said,
    )
