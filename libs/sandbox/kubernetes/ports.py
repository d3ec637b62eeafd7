"""Loopback ports, kept for those who will listen on them."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _USUAL_START = 10_240, 32_768
_TRIES = 200


class NoFreePort(OSError):
    """No port could be had."""


class KeptPorts:
    """Ports that nobody else gets before their listener is there, and after it is gone, until `release`.

    They lie below the range that the system takes for outgoing connections, which would otherwise now and then have
    one when its listener starts. Each is held by a socket that does not listen. A listener that sets SO_REUSEPORT (all
    of ours but kwok's can) binds beside it; for another the socket is released just before.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._sockets = {name: _hold() for name in names}
        self.numbers = {name: int(held.getsockname()[1]) for name, held in self._sockets.items()}

    def release(self, *names: str) -> None:
        """Let go of these ports, or of all when none is named."""
        for name in names or tuple(self._sockets):
            held = self._sockets.pop(name, None)
            if held is not None:
                held.close()


def _hold() -> socket.socket:
    end = _outgoing_start()
    start = min(_LOWEST, end - 1024)
    for _ in range(_TRIES):
        held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            held.bind(("127.0.0.1", random.randrange(start, end)))
        except OSError:
            held.close()
            continue
        # Only now: set before, it would let this socket share a port that another sandbox of this user holds.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return held
    raise NoFreePort(f"no port between {start} and {end} on 127.0.0.1 is free: end what listens there")


def _outgoing_start() -> int:
    try:
        return max(2048, int(_RANGE_FILE.read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return _USUAL_START
