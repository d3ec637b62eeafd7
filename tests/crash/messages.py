"""HTTP/1.1 as the proxy needs it: whole requests and replies, with lengths instead of chunks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from libs.sandbox.aws import actions

_HEAD_END = b"\r\n\r\n"
# Between two machines alone.
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "expect", "content-length"})


@dataclass(frozen=True)
class Request:
    """A request that has come whole."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def by_terraform(self) -> bool:
        """Whether the AWS provider sent it, and not an SDK of the platform's own."""
        return "Terraform" in self.header("user-agent")

    def form(self) -> str:
        """The body of a form, else nothing."""
        is_form = self.header("content-type").startswith("application/x-www-form-urlencoded")
        return self.body.decode("utf-8", "replace") if is_form else ""

    def raw(self) -> bytes:
        """As it is sent on: the signed headers as they were, one request a connection."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers if name.lower() not in _HOP]
        lines += [f"Content-Length: {len(self.body)}", "Connection: close"]
        return "\r\n".join(lines).encode("latin-1") + _HEAD_END + self.body


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request of a connection, None at its end. Whoever asks whether to send its body is told to."""
    try:
        head = await reader.readuntil(_HEAD_END)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, headers = _parsed(head)
    method, target, _ = first.split(" ", 2)
    names = {name.lower(): value for name, value in headers}
    if names.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Request(method, target, tuple(headers), await _body(reader, names))


async def read_response(reader: asyncio.StreamReader) -> bytes:
    """A reply to its end, as bytes with a length of their own. The sender closes behind it."""
    head = await reader.readuntil(_HEAD_END)
    first, headers = _parsed(head)
    names = {name.lower(): value for name, value in headers}
    if names.get("transfer-encoding", "").lower() == "chunked":
        body = await _body(reader, names)
        length = len(body)
    else:
        body = await reader.read()
        # The reply to a HEAD tells a length and has no body.
        length = int(names.get("content-length", len(body)))
    lines = [first, *(f"{name}: {value}" for name, value in headers if name.lower() not in _HOP)]
    if first.split(" ", 2)[1] != "204":
        lines.append(f"Content-Length: {length}")
    return "\r\n".join(lines).encode("latin-1") + _HEAD_END + body


async def forward(request: Request, port: int) -> bytes:
    """The reply of the server on a port of this machine."""
    upstream, sink = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        sink.write(request.raw())
        await sink.drain()
        return await read_response(upstream)
    finally:
        sink.close()


def action_of(service: str, request: Request) -> str:
    """The name of the API's action, such as `CreateVpc`; method and path where nothing tells it."""
    path, _, query = request.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": path,
        "RAW_URI": request.target,
        "QUERY_STRING": query,
        "CONTENT_TYPE": request.header("content-type"),
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers},
    }
    return actions.action_of(service, environ, request.body) or f"{request.method} {path}"


def _parsed(head: bytes) -> tuple[str, list[tuple[str, str]]]:
    first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in rest)]
    return first, headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    while (await reader.readline()).strip():
        pass  # trailers
    return b"".join(parts)
