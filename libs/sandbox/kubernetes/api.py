"""A small client of the Kubernetes API for the sandbox's own controllers.

The official client costs a second and some 60 MB to import, which the sandbox would pay for every cluster's
first second; what the controllers need are six verbs on plain JSON.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from .key_pair import KeyPair

Object = dict[str, Any]


class ApiError(RuntimeError):
    """An answer of the Kubernetes API other than success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"the Kubernetes API answered {status}: {message}")
        self.status = status


class KubernetesApi:
    """Verbs on absolute API paths such as `/api/v1/nodes/n1`. Thread-safe: a connection a thread."""

    def __init__(self, endpoint: str, authority: Path, client: KeyPair) -> None:
        address = urlsplit(endpoint)
        self.endpoint = endpoint
        self._host = address.hostname or ""
        self._port = address.port or 443
        self._tls = ssl.create_default_context(cafile=str(authority))
        self._tls.load_cert_chain(client.certificate, client.key)
        self._local = threading.local()

    def get(self, path: str) -> Object | None:
        """The object, or None when there is none."""
        try:
            return self._call("GET", path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def items(self, path: str) -> list[Object]:
        """Every object of a collection."""
        found: list[Object] = self._call("GET", path)["items"]
        return found

    def create(self, path: str, body: Object) -> Object:
        """POST to a collection. Raises `ApiError` 409 when the name is taken."""
        return self._call("POST", path, body)

    def merge(self, path: str, patch: Object) -> Object | None:
        """JSON merge patch; None when the object is gone."""
        return self._patch(path, patch, "application/merge-patch+json")

    def merge_strategic(self, path: str, patch: Object) -> Object | None:
        """Strategic merge patch, which keeps list entries of other owners; None when the object is gone."""
        return self._patch(path, patch, "application/strategic-merge-patch+json")

    def delete(self, path: str) -> None:
        """DELETE; nothing happens when the object is gone."""
        with contextlib.suppress(_Gone):
            self._call_known("DELETE", path)

    def ready(self) -> bool:
        """Whether `/readyz` says ok now; no connection is a no as well."""
        try:
            connection = self._connect(timeout=2)
            try:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
            finally:
                connection.close()
        except OSError:
            return False

    def watch(self, path: str, resource_version: str, stop: threading.Event) -> Iterator[Object]:
        """Events of a collection from `resource_version` on, until the server ends the watch or `stop` is
        set.

        Raises `ApiError` 410 when the version is too old; OSError when the connection breaks.
        """
        query = urlencode(
            {
                "watch": "1",
                "resourceVersion": resource_version,
                "allowWatchBookmarks": "true",
                "timeoutSeconds": 300,
            }
        )
        connection = self._connect(timeout=330)
        try:
            connection.request("GET", f"{path}?{query}")
            response = connection.getresponse()
            if response.status != 200:
                raise ApiError(response.status, response.read().decode(errors="replace"))
            while not stop.is_set():
                line = response.readline()
                if not line:
                    return
                event: Object = json.loads(line)
                if event["type"] == "ERROR":
                    raise ApiError(int(event["object"].get("code", 500)), str(event["object"].get("message")))
                yield event
        finally:
            connection.close()

    def _patch(self, path: str, patch: Object, content_type: str) -> Object | None:
        try:
            return self._call_known("PATCH", path, patch, content_type)
        except _Gone:
            return None

    def _call_known(
        self, method: str, path: str, body: Object | None = None, content_type: str = "application/json"
    ) -> Object:
        try:
            return self._call(method, path, body, content_type)
        except ApiError as error:
            if error.status == 404:
                raise _Gone from error
            raise

    def _call(
        self, method: str, path: str, body: Object | None = None, content_type: str = "application/json"
    ) -> Object:
        payload = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json"} | ({"Content-Type": content_type} if payload else {})
        kept = getattr(self._local, "connection", None)
        connection: http.client.HTTPSConnection = kept or self._connect(timeout=30)
        try:
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._local.connection = None
            connection.close()
            # A kept connection may have been closed by the server in between: that alone is worth a second
            # try.
            if kept is None:
                raise
            return self._call(method, path, body, content_type)
        self._local.connection = connection
        answer: Object = json.loads(content) if content else {}
        if response.status >= 300:
            raise ApiError(response.status, str(answer.get("message", "no message")))
        return answer

    def _connect(self, timeout: float) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self._host, self._port, context=self._tls, timeout=timeout)


class _Gone(Exception):
    """404, for the verbs to which that is no failure."""
