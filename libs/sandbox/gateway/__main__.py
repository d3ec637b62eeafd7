"""`python -m libs.sandbox.gateway SETTINGS.json`: a gateway until it is killed."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from libs.sandbox.kubernetes.api import KubernetesApi
from libs.sandbox.kubernetes.key_pair import KeyPair

_LOG = logging.getLogger("libs.sandbox.gateway")


def main() -> None:
    """Behave as the settings' `mode` says."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    given = json.loads(Path(sys.argv[1]).read_text())
    if given["mode"] == "silent":
        _say_nothing(given["grpc_port"], given["http_port"])
    else:
        _serve(given)


def _say_nothing(*ports: int) -> None:
    """Accept whatever comes and never answer."""
    listeners = []
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        listeners.append(listener)
    threading.Event().wait()


def _serve(given: dict[str, Any]) -> None:
    from .grpc_api import GatewayServer
    from .health import Examination, Health, HealthKeeper
    from .http_api import HealthServer
    from .workspaces import Workspaces

    api = KubernetesApi(
        given["api"],
        Path(given["api_authority"]),
        KeyPair(Path(given["api_certificate"]), Path(given["api_key"])),
    )
    examination = Examination(api, given["namespace"], given["pod"], given["network"], Path(given["network_authority"]))

    def examine() -> Health:
        found = examination()
        return Health(("told to be unready",)) if given["mode"] == "unready" else found

    def workspaces() -> Workspaces | None:
        now = keeper.current
        return Workspaces(Path(given["workspaces"]), now.database) if now.ok else None

    grpc_server = GatewayServer(given["grpc_port"], workspaces)
    keeper = HealthKeeper(examine, grpc_server.tell)
    http_server = HealthServer(given["http_port"], lambda: keeper.current)
    grpc_server.start()
    threading.Thread(target=http_server.serve_forever, daemon=True, name="http").start()
    _LOG.info("gateway of pod %s/%s listens", given["namespace"], given["pod"])
    keeper.run()


if __name__ == "__main__":
    main()
