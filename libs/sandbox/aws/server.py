"""The AWS server: the gateway behind a threaded HTTP server on loopback."""

from __future__ import annotations

import logging
import threading

from werkzeug.serving import BaseWSGIServer, make_server

from libs.sandbox.aws import moto_apps, runtime
from libs.sandbox.aws.accounts import Accounts
from libs.sandbox.aws.admin import AdminApi
from libs.sandbox.aws.faults import Faults
from libs.sandbox.aws.gateway import Gateway
from libs.sandbox.aws.recorder import Calls
from libs.sandbox.aws.runtime import Runtime


class AwsServer:
    """One AWS API on one port. moto's state is a process' own, so there is one a process."""

    def __init__(self, running: Runtime, accounts: Accounts, host: str, port: int, health: dict[str, str]) -> None:
        """Bind the port (0: a free one); ends the process with a sentence when it is taken.

        `health` is what `GET /health` answers besides its status.
        """
        moto_apps.clear_environment()
        from moto.moto_server.werkzeug_app import MotoRequestHandler

        # One line a request at INFO would drown the sandbox's own words.
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        runtime.install(running)
        self._runtime = running
        faults, calls = Faults(), Calls()
        admin = AdminApi(accounts, faults, calls)
        gateway = Gateway(running, moto_apps.dispatcher(), admin, faults, calls, health)
        self._server: BaseWSGIServer = make_server(
            host, port, gateway, threaded=True, request_handler=MotoRequestHandler
        )
        self.url = f"http://{host}:{self._server.server_port}"

    def start(self) -> None:
        """Answer requests from a thread, until `stop`."""
        threading.Thread(target=self._server.serve_forever, name="aws", daemon=True).start()

    def stop(self) -> None:
        """Stop answering and end every control plane."""
        self._runtime.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._runtime.control_planes.stop_all()
