"""How a process shows that it is ready: each listener in its own protocol."""

from __future__ import annotations

import asyncio
import json

import grpc
from grpc_health.v1 import health_pb2

from libs.embedded.layout import SERVICES
from libs.embedded.ports import LOOPBACK, Ports
from libs.embedded.postgres import Postgres

_ATTEMPT_SECONDS = 2.0


async def ready(listener: str, ports: Ports, postgres: Postgres) -> bool:
    """One attempt, over in about two seconds."""
    port: int = getattr(ports, listener)
    if listener == "postgres":
        # psql is a process: ask it only when there is somebody to ask.
        return await _accepts(port) and await postgres.ready()
    if listener == "nats":
        return await _nats_with_jetstream(port)
    if listener in SERVICES:
        return await _serving(ports.address(listener))
    return await _accepts(port)


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), _ATTEMPT_SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _nats_with_jetstream(port: int) -> bool:
    """The server's first line tells what it is able to do."""
    try:
        async with asyncio.timeout(_ATTEMPT_SECONDS):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                word, _, details = (await reader.readline()).partition(b" ")
            finally:
                writer.close()
            return word == b"INFO" and bool(json.loads(details).get("jetstream"))
    except (OSError, TimeoutError, ValueError):
        return False


async def _serving(address: str) -> bool:
    async with grpc.aio.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = await check(health_pb2.HealthCheckRequest(), timeout=_ATTEMPT_SECONDS)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
