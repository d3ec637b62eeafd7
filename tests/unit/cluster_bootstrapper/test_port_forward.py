"""The port-forward's WebSocket against a server that speaks it over TLS, frame by frame."""

from __future__ import annotations

import asyncio
import base64
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from libs.failures import Failure
from services.cluster_bootstrapper.cluster import Cluster, cluster
from services.cluster_bootstrapper.kube_api import KubeApi

Served = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
PORT = (1994).to_bytes(2, "little")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def api(certificate: Path) -> Callable[[Served], Any]:
    """A KubeApi whose server does what it is given, after the request's head was read."""

    @asynccontextmanager
    async def serve(served: Served) -> AsyncIterator[KubeApi]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await served(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
        async with server:
            yield KubeApi(_cluster(certificate, server.sockets[0].getsockname()[1]), _token)

    return serve


async def _token() -> str:
    return "the-token"


def _cluster(certificate: Path, port: int) -> Cluster:
    pem = certificate.read_text()
    public = pem[pem.index("-----BEGIN CERTIFICATE") :]
    data = base64.b64encode(public.encode()).decode()
    return cluster("c", "us-east-1", f"https://127.0.0.1:{port}/prefix", data)


def frame(payload: bytes, opcode: int = 2, final: bool = True) -> bytes:
    length = len(payload)
    head = bytes(((0x80 if final else 0) | opcode,))
    if length < 126:
        return head + bytes((length,)) + payload
    if length < 1 << 16:
        return head + b"\x7e" + length.to_bytes(2, "big") + payload
    return head + b"\x7f" + length.to_bytes(8, "big") + payload


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Opcode and unmasked payload; a client has to mask."""
    first, second = await reader.readexactly(2)
    assert second & 0x80, "a client's frame must be masked"
    length = second & 0x7F
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2), "big")
    elif length == 127:
        length = int.from_bytes(await reader.readexactly(8), "big")
    key = await reader.readexactly(4)
    masked = await reader.readexactly(length)
    return first & 0x0F, bytes(byte ^ key[place % 4] for place, byte in enumerate(masked))


async def test_the_request_names_pod_port_and_protocol(api: Any) -> None:
    heads: list[str] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(ACCEPTED)
        await read_frame(reader)

    async with api(served) as kube, kube.forward("beta9", "gateway-1", 1994):
        pass
    (head,) = heads
    assert head.startswith("GET /prefix/api/v1/namespaces/beta9/pods/gateway-1/portforward?ports=1994 HTTP/1.1\r\n")
    assert "Authorization: Bearer the-token\r\n" in head
    assert "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n" in head


@pytest.mark.parametrize("size", [0, 1, 100, 126, 70_000, 200_000])
async def test_bytes_go_through_both_ways(api: Any, size: int) -> None:
    sent = bytes(number % 251 for number in range(size))

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ACCEPTED + frame(b"\x00" + PORT) + frame(b"\x01" + PORT))
        got = b""
        while len(got) < size:
            opcode, payload = await read_frame(reader)
            assert opcode == 2 and payload[:1] == b"\x00"
            got += payload[1:]
        writer.write(frame(b"\x00" + got))
        writer.write(frame(b"\x03\xe8", opcode=8))

    async with api(echo) as kube, kube.forward("n", "p", 1994) as stream:
        await stream.write(sent)
        back = b""
        while part := await stream.read():
            back += part
    assert back == sent


async def test_fragments_pings_and_torn_packets_are_put_together(api: Any) -> None:
    pongs: list[tuple[int, bytes]] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        whole = (
            ACCEPTED
            + frame(b"\x00" + PORT)
            + frame(b"\x00one ", final=False)
            + frame(b"are you there", opcode=9)
            + frame(b"two ", opcode=0, final=False)
            + frame(b"three", opcode=0)
        )
        for start in range(0, len(whole), 5):
            writer.write(whole[start : start + 5])
            await writer.drain()
        pongs.append(await read_frame(reader))

    async with api(served) as kube, kube.forward("n", "p", 1994) as stream:
        assert await stream.read() == b"one two three"
        assert await stream.read() == b""
    assert pongs == [(10, b"are you there")]


async def test_what_the_pods_side_says_is_an_error(api: Any) -> None:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ACCEPTED + frame(b"\x01" + PORT) + frame(b"\x01connection refused\n"))
        await read_frame(reader)

    async with api(served) as kube, kube.forward("n", "p", 1994) as stream:
        with pytest.raises(ConnectionError, match="connection refused"):
            await stream.read()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nno pod p!",
        b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
        b"",
        b"nonsense",
    ],
)
async def test_a_refusal_is_a_retryable_failure(api: Any, answer: bytes) -> None:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    async with api(served) as kube:
        with pytest.raises(Failure) as caught:
            async with kube.forward("n", "p", 1994):
                pass
    assert caught.value.reason == "PORT_FORWARD_FAILED"
    assert caught.value.retryable
    assert "no pod p!" in caught.value.private or b"404" not in answer
    assert "the-token" not in f"{caught.value} {caught.value.private}"


async def test_a_server_with_another_certificate_is_not_talked_to(
    api: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    heard: list[bytes] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())

    async with api(served) as kube:
        stranger = KubeApi(kube._cluster, _token)
        stranger._tls = ssl.create_default_context()
        with pytest.raises(Failure, match="CLUSTER_UNREACHABLE"):
            await stranger.get("/api/v1/namespaces")
    assert heard in ([], [b""])


@pytest.mark.parametrize(
    ("status", "reason", "retryable"),
    [
        (401, "CLUSTER_ACCESS_DENIED", True),
        (403, "CLUSTER_ACCESS_DENIED", False),
        (409, "KUBERNETES_CALL_FAILED", True),
        (422, "KUBERNETES_CALL_FAILED", False),
        (429, "KUBERNETES_CALL_FAILED", True),
        (503, "KUBERNETES_CALL_FAILED", True),
    ],
)
async def test_refusals_are_told_apart(api: Any, status: int, reason: str, retryable: bool) -> None:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"kind":"Status","reason":"Why","message":"because"}'
        writer.write(b"HTTP/1.1 %d Sorry\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

    async with api(served) as kube:
        with pytest.raises(Failure) as caught:
            await kube.apply("/api/v1/namespaces/x", {"kind": "Namespace"})
    failure = caught.value
    assert (failure.reason, failure.retryable) == (reason, retryable)
    assert failure.metadata["kubernetes_reason"] == "Why"
    assert failure.private == "because"
