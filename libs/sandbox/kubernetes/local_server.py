"""A TLS server on loopback by which a cluster's programs ask the sandbox."""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .certificates import CertificateAuthority

_LOG = logging.getLogger(__name__)

Answer = tuple[int, dict[str, Any]]
Route = Callable[[bytes], Answer]
"""From a request's body to HTTP status and JSON. Called from many threads at once."""


class LocalServer:
    """One for all clusters: routes come and go with them. Listens on a free port at once; `close` ends it."""

    def __init__(self, folder: Path) -> None:
        authority = CertificateAuthority(folder, "sandbox")
        pair = authority.issue("server", "sandbox")
        self.authority_file = authority.file
        """PEM file of the authority that signs the server's certificate."""
        self._routes: dict[str, Route] = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self._server = _Server(("127.0.0.1", 0), _handler(self._routes.get))
        # The handshake is left to the request's own thread: a slow client must not hold the others up.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True, name="local-server"
        )
        self._thread.start()

    def add(self, path: str, route: Route) -> str:
        """Answer at `path` (no slash at its start); gives the URL."""
        self._routes[path] = route
        return f"https://127.0.0.1:{self._server.server_address[1]}/{path}"

    def remove(self, path: str) -> None:
        """Answer 404 at `path` from now on."""
        self._routes.pop(path, None)

    def close(self) -> None:
        """Stop listening. May be repeated."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A kept connection of an API server would hold `server_close` up until that ends.
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        _LOG.debug("a connection to the sandbox's local server broke", exc_info=True)


def _handler(route_of: Callable[[str], Route | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            # The API server adds a query of its own, such as ?timeout=30s.
            route = route_of(self.path.split("?")[0].strip("/"))
            status, document = (404, {"error": "nothing is here"}) if route is None else self._ask(route, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _ask(self, route: Route, body: bytes) -> Answer:
            try:
                return route(body)
            except Exception as error:
                _LOG.exception("the sandbox's local server cannot answer")
                return 500, {"error": str(error)}

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the routes log what matters."""

    return Handler
