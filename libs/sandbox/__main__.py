"""`python -m libs.sandbox serve`: the cloud, until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from libs.sandbox import settings
from libs.sandbox.settings import Settings


def main() -> int:
    """Serve until told to end; 0 when everything ended in order."""
    given = settings.parse(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    return serve(given)


def serve(given: Settings) -> int:
    """Run the cloud; a readiness line with the address goes to standard output."""
    from libs.sandbox.aws.eks.absent import AbsentControlPlanes
    from libs.sandbox.aws.runtime import Runtime
    from libs.sandbox.aws.server import AwsServer

    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    given.state_dir.mkdir(parents=True, exist_ok=True)
    running = Runtime(control_planes=AbsentControlPlanes(), waits_factor=given.waits_factor)
    server = AwsServer(running, given.host, given.port)
    server.start()
    print(f"sandbox ready at {server.url}", flush=True)
    done.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
