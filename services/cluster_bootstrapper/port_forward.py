"""A connection to a pod's port through the Kubernetes API: `portforward` over a WebSocket, on asyncio
streams.

Protocol `v4.channel.k8s.io`: every message begins with a channel number; for one port, 0 carries the data
and 1 the errors, and the first message of each holds the port as two little-endian bytes.
"""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.cluster import Cluster
from services.cluster_bootstrapper.ports import TokenSource

_OPEN_SECONDS = 15.0
_SUBPROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_LONGEST_MESSAGE = 16 * 1024 * 1024


@asynccontextmanager
async def forwarded(
    cluster: Cluster, tls: ssl.SSLContext, token: TokenSource, namespace: str, pod: str, port: int
) -> AsyncIterator[PodStream]:
    """Opens a connection to `port` of a pod and closes it at the end.

    Raises Failure `PORT_FORWARD_FAILED` (retryable) when the API, the node or the pod does not let it
    through.
    """
    path = f"{cluster.base_path}/api/v1/namespaces/{namespace}/pods/{pod}/portforward?ports={port}"
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {cluster.host}:{cluster.port}\r\n"
        f"Authorization: Bearer {await token()}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {_SUBPROTOCOL}\r\n\r\n"
    )
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(_OPEN_SECONDS):
            reader, writer = await asyncio.open_connection(cluster.host, cluster.port, ssl=tls)
            writer.write(head.encode())
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = answer.split("\r\n", 1)[0]
            if " 101 " not in f"{status} ":
                said = await _body(reader, answer)
                raise _failed(namespace, pod, port, f"{status} {said}")
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        await _shut(writer)
        raise _failed(namespace, pod, port, f"{type(error).__name__}: {error}") from error
    except BaseException:
        await _shut(writer)
        raise
    stream = PodStream(reader, writer)
    try:
        yield stream
    finally:
        await stream.close()


class PodStream:
    """A ByteStream over one port-forward."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._greeted: set[int] = set()
        self._closed = False

    async def read(self) -> bytes:
        while True:
            message = await self._message()
            if message is None:
                return b""
            channel, data = (message[0], message[1:]) if message else (_DATA, b"")
            if channel not in self._greeted:
                self._greeted.add(channel)
                data = data[2:]
            if channel == _ERROR and data:
                raise ConnectionError(data.decode("utf-8", "replace").strip())
            if channel == _DATA and data:
                return data

    async def write(self, data: bytes) -> None:
        for start in range(0, len(data), 1 << 16):
            self._frame(_BINARY, bytes((_DATA,)) + data[start : start + (1 << 16)])
            await self._writer.drain()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with suppress(OSError, RuntimeError):
            self._frame(_CLOSE, b"\x03\xe8")
        await _shut(self._writer)

    async def _message(self) -> bytes | None:
        """The next whole message, None when the other side closed."""
        parts: list[bytes] = []
        while True:
            try:
                first, second = await self._reader.readexactly(2)
                length = second & 0x7F
                if length == 126:
                    length = int.from_bytes(await self._reader.readexactly(2), "big")
                elif length == 127:
                    length = int.from_bytes(await self._reader.readexactly(8), "big")
                if length + sum(map(len, parts)) > _LONGEST_MESSAGE:
                    raise ConnectionError("the port-forward sent a message that is too long")
                # A server must not mask, so there is no key to read.
                payload = await self._reader.readexactly(length)
            except asyncio.IncompleteReadError:
                return None
            final, opcode = first & 0x80, first & 0x0F
            if opcode == _CLOSE:
                return None
            if opcode == _PING:
                self._frame(_PONG, payload)
            elif opcode in (_CONTINUATION, _TEXT, _BINARY):
                parts.append(payload)
                if final:
                    return b"".join(parts)

    def _frame(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        if length < 126:
            head = bytes((0x80 | opcode, 0x80 | length))
        elif length < 1 << 16:
            head = bytes((0x80 | opcode, 0x80 | 126)) + length.to_bytes(2, "big")
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + length.to_bytes(8, "big")
        key = os.urandom(4)
        mask = int.from_bytes((key * (length // 4 + 1))[:length], "big")
        masked = (int.from_bytes(payload, "big") ^ mask).to_bytes(length, "big")
        self._writer.write(head + key + masked)


async def _body(reader: asyncio.StreamReader, head: str) -> str:
    """A refusal's body, as far as it is there; it says why."""
    length = 0
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-length" and value.strip().isdigit():
            length = min(int(value), 4096)
    with suppress(asyncio.IncompleteReadError, OSError):
        return (await reader.readexactly(length)).decode("utf-8", "replace")
    return ""


async def _shut(writer: asyncio.StreamWriter | None) -> None:
    if writer is None:
        return
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(2):
            await writer.wait_closed()


def _failed(namespace: str, pod: str, port: int, why: str) -> Failure:
    return Failure(
        reason="PORT_FORWARD_FAILED",
        message=f"Port {port} of pod {namespace}/{pod} cannot be reached through the Kubernetes API.",
        kind=Kind.UNAVAILABLE,
        retryable=True,
        actor=Actor.PLATFORM,
        remedy="Check that the pod is running and that the control plane can reach its node on port 10250.",
        resource_address=f"pod/{namespace}/{pod}",
        private=why,
    )
