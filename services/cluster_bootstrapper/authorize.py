"""`gateway.GatewayService/Authorize` over a port-forward, as a gRPC client. grpc is imported on first use.

The channel goes to a Unix socket in a private folder, bridged onto the port-forward: on a TCP port any process of
this machine could claim the token through us. The two messages are small enough to be read by hand: the request is
empty, the answer has `ok` (1, bool), `workspace_id` (2), `new_token` (3) and `error_msg` (4), strings.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.charts import BETA9
from services.cluster_bootstrapper.ports import ByteStream, Kube
from services.cluster_bootstrapper.values import GRPC_PORT

_METHOD = "/gateway.GatewayService/Authorize"
_ANSWER_SECONDS = 20.0
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class Authorization:
    """The gateway's answer; `new_token` is set for the very first caller alone."""

    ok: bool
    workspace_id: str = ""
    new_token: str = field(default="", repr=False)
    error: str = ""


async def authorize(kube: Kube, pod: str) -> Authorization:
    """Asks the gateway in `pod`, without a token. Raises Failure `GATEWAY_SILENT` (retryable)."""
    import grpc.aio

    async with _bridge(kube, pod) as address:
        options = (("grpc.enable_http_proxy", 0), ("grpc.default_authority", "beta9-gateway"))
        async with grpc.aio.insecure_channel(address, options=options) as channel:
            call: Any = channel.unary_unary(_METHOD)
            try:
                return parse_authorization(await call(b"", timeout=_ANSWER_SECONDS))
            except (grpc.aio.AioRpcError, ValueError) as error:
                raise Failure(
                    reason="GATEWAY_SILENT",
                    message=f"The gateway in pod {pod} did not answer Authorize.",
                    kind=Kind.UNAVAILABLE,
                    retryable=True,
                    actor=Actor.NOBODY,
                    remedy="It is asked again.",
                    resource_address=f"pod/{BETA9.namespace}/{pod}",
                    private=f"{type(error).__name__}: {error}",
                ) from error


def parse_authorization(message: bytes) -> Authorization:
    """The protobuf message AuthorizeResponse. Unknown fields are passed over. Raises ValueError if it is torn."""
    numbers: dict[int, int] = {}
    texts: dict[int, str] = {}
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == _VARINT:
            numbers[key >> 3], position = _varint(message, position)
            continue
        if kind == _BYTES:
            length, position = _varint(message, position)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError("the answer is not a protobuf message")
        if position + length > len(message):
            raise ValueError("the answer is torn")
        texts[key >> 3] = message[position : position + length].decode("utf-8", "replace")
        position += length
    return Authorization(
        ok=bool(numbers.get(1)),
        workspace_id=texts.get(2, ""),
        new_token=texts.get(3, ""),
        error=texts.get(4, ""),
    )


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(message) and shift < 64:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("the answer is torn")


@asynccontextmanager
async def _bridge(kube: Kube, pod: str) -> AsyncIterator[str]:
    """The address of a socket of which every connection is one to the gateway's gRPC port."""
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A connection that cannot be made or breaks is closed; the call then says UNAVAILABLE.
        try:
            with suppress(Failure, OSError):
                async with kube.forward(BETA9.namespace, pod, GRPC_PORT) as stream:
                    await _both_ways(reader, writer, stream)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        path = os.path.join(folder, "grpc")
        server = await asyncio.start_unix_server(accept, path)
        try:
            yield f"unix:{path}"
        finally:
            server.close()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _both_ways(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: ByteStream) -> None:
    async def up() -> None:
        while data := await reader.read(1 << 16):
            await stream.write(data)

    async def down() -> None:
        while data := await stream.read():
            writer.write(data)
            await writer.drain()

    tasks = [asyncio.create_task(up()), asyncio.create_task(down())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
