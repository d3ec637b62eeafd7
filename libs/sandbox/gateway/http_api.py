"""`GET /api/v1/health` and `GET /api/v1/health/live`."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .health import Health


class HealthServer(ThreadingHTTPServer):
    """Answers health over HTTP on a loopback port, which may be held by a socket that does not listen."""

    daemon_threads = True
    allow_reuse_port = True

    def __init__(self, port: int, health: Callable[[], Health]) -> None:
        super().__init__(("127.0.0.1", port), _handler(health))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A prober that hangs up is no news."""


def _handler(health: Callable[[], Health]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.split("?")[0].rstrip("/") not in ("/api/v1/health", "/api/v1/health/live"):
                self._answer(404, {"message": "Not Found"})
                return
            now = health()
            if now.ok:
                self._answer(200, {"status": "ok"})
            else:
                self._answer(503, {"status": "not ok", "error": "; ".join(now.problems)})

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Probes are not worth a line each."""

    return Handler
