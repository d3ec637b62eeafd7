"""Free loopback ports, kept for those who will listen on them."""

from __future__ import annotations

import socket


class KeptPorts:
    """Ports that nobody else gets between the choice of a number and the start of the listener.

    Each is held by a socket that is bound but does not listen. A listener that itself sets SO_REUSEPORT
    (etcd and Go do not, gRPC and our own servers do) may bind beside it; for the others the socket is
    released just before.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._sockets: dict[str, socket.socket] = {}
        for name in names:
            held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind(("127.0.0.1", 0))
            self._sockets[name] = held
        self.numbers = {name: int(held.getsockname()[1]) for name, held in self._sockets.items()}

    def release(self, *names: str) -> None:
        """Let go of these ports, or of all when none is named."""
        for name in names or tuple(self._sockets):
            held = self._sockets.pop(name, None)
            if held is not None:
                held.close()
