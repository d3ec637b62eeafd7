"""An STS that answers AssumeRole as it is told, over real HTTP."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest


class StsServer:
    """Keeps what it was asked; `error` (code) or `lives` (seconds of new credentials) can be set."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.error: str = ""
        self.lives = 3600
        self.open_without_external_id = False

    def answer(self, query: dict[str, str]) -> tuple[int, str]:
        self.asked.append(query)
        refused = "ExternalId" not in query and not self.open_without_external_id
        code = self.error or ("AccessDenied" if refused else "")
        if code:
            return 403, f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.lives)
        number = len(self.asked)
        return 200, (
            "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>ASIA{number:012}</AccessKeyId><SecretAccessKey>secret{number}</SecretAccessKey>"
            f"<SessionToken>token{number}</SessionToken><Expiration>{ends.isoformat()}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )


@contextmanager
def running() -> Iterator[tuple[StsServer, str]]:
    """The server and its URL."""
    server = StsServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, text = server.answer({key: values[0] for key, values in parse_qs(body).items()})
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[StsServer]:
    """STS for the SDK in this process, by the SDK's own variables."""
    with running() as (server, url):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLATFORM")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "platform")
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield server
