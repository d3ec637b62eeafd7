"""Where everything listens: fixed ports by default, each moved by its environment variable, or free ones."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from libs.embedded.failures import PlatformError

LOOPBACK = "127.0.0.1"
OFFSET_VARIABLE = "PROVISIONING_PORT_OFFSET"

# Below the range from which Linux takes the ports of outgoing connections: none of those gets in between.
_FREE_RANGE = (20000, 32000)


@dataclass(frozen=True)
class Ports:
    """One port a listener, all on loopback."""

    environment_registry: int = 50051
    infra_engine: int = 50052
    cluster_bootstrapper: int = 50053
    state_backend_manager: int = 50054
    postgres: int = 15432
    sandbox: int = 14566
    nats: int = 4222

    def address(self, listener: str) -> str:
        """`127.0.0.1:port` of a listener."""
        return f"{LOOPBACK}:{getattr(self, listener)}"


def variable(listener: str) -> str:
    """The environment variable that moves a listener."""
    if listener in ("postgres", "sandbox", "nats"):
        return f"PROVISIONING_{listener.upper()}_PORT"
    return f"{listener.upper()}_ADDRESS"


def from_environment(environment: Mapping[str, str]) -> Ports:
    """The default ports plus PROVISIONING_PORT_OFFSET, but for those that have a variable of their own."""
    offset = _number(environment.get(OFFSET_VARIABLE, "0"), OFFSET_VARIABLE)
    chosen: dict[str, int] = {}
    defaults: dict[str, int] = asdict(Ports())
    for listener, default in defaults.items():
        name = variable(listener)
        if name not in environment:
            chosen[listener] = default + offset
            continue
        host, separator, number = environment[name].rpartition(":")
        if separator and host not in (LOOPBACK, "localhost"):
            raise PlatformError(
                f"{name} is '{environment[name]}', but the embedded platform listens on loopback alone: "
                f"use {LOOPBACK}:<port>"
            )
        chosen[listener] = _number(number, name)
    for listener, port in chosen.items():
        if not 0 < port < 65536:
            raise PlatformError(f"{port} is not a port for {listener}: set {variable(listener)} to one of 1 to 65535")
    return Ports(**chosen)


def free() -> Ports:
    """Ports that nobody listens on now, for several platforms on one machine."""
    chosen: dict[str, int] = {}
    while len(chosen) < len(fields(Ports)):
        port = random.randrange(*_FREE_RANGE)
        if port not in chosen.values() and not taken(port):
            chosen[fields(Ports)[len(chosen)].name] = port
    return Ports(**chosen)


async def check(ports: Ports, listeners: tuple[str, ...], patience: float = 3.0) -> None:
    """Raise PlatformError for the first of these listeners whose port another program has.

    The services' usual ports are among those from which the system takes the ports of outgoing connections; one that
    such a connection has is free again in a moment, so `patience` is the seconds to wait for it.
    """
    deadline = time.monotonic() + patience
    for listener in listeners:
        port = getattr(ports, listener)
        while (held := taken(port)) and time.monotonic() < deadline:  # noqa: ASYNC110  (nobody tells us)
            await asyncio.sleep(0.1)
        if held:
            raise PlatformError(
                f"port {port}, where {listener.replace('_', '-')} listens, is taken by another program: "
                f"stop it, or move this one by {variable(listener)}, or all of them by {OFFSET_VARIABLE}=1000"
            )


def taken(port: int) -> bool:
    """Whether the port cannot be listened on."""
    with socket.socket() as probe:
        # As servers do: a port that is merely cooling down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _number(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise PlatformError(f"{name} must be a number, not '{text}'") from None
