"""`python -m libs.sandbox serve`: the cloud, until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from typing import TYPE_CHECKING

from libs.sandbox import memory, settings
from libs.sandbox.settings import Settings

if TYPE_CHECKING:
    from libs.sandbox.aws.accounts import Accounts
    from libs.sandbox.aws.eks.control_planes import ControlPlanes
    from libs.sandbox.aws.runtime import Runtime


def main() -> int:
    """Serve until told to end; 0 when everything ended in order."""
    given = settings.parse(sys.argv[1:])
    memory.use_one_arena()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    return serve(given)


def serve(given: Settings) -> int:
    """Run the cloud; a readiness line with the address goes to standard output."""
    from libs.sandbox.aws.accounts import Accounts
    from libs.sandbox.aws.eks.absent import AbsentControlPlanes
    from libs.sandbox.aws.runtime import Runtime
    from libs.sandbox.aws.server import AwsServer

    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    given.state_dir.mkdir(parents=True, exist_ok=True)
    accounts = Accounts()
    running = Runtime(control_planes=AbsentControlPlanes(), waits_factor=given.waits_factor)
    health = {"charts_dir": str(given.charts_dir)} if given.charts_dir else {}
    server = AwsServer(running, accounts, given.host, given.port, health)
    if given.kubernetes:
        running.control_planes = _kubernetes(given, running, accounts, server.url)
    server.start()
    print(f"sandbox ready at {server.url}", flush=True)
    done.wait()
    server.stop()
    return 0


def _kubernetes(given: Settings, running: Runtime, accounts: Accounts, url: str) -> ControlPlanes:
    from libs.sandbox.aws.eks.identity import EksIdentityLookup
    from libs.sandbox.kubernetes.aws_access import AwsAccess, Credentials
    from libs.sandbox.kubernetes.control_planes import KubernetesControlPlanes

    def administrator(account_id: str) -> Credentials:
        key = accounts.create(account_id)
        return Credentials(key.access_key_id, key.secret_access_key)

    access = AwsAccess(lambda: url, administrator)
    return KubernetesControlPlanes(given.state_dir / "kubernetes", access, EksIdentityLookup(running))


if __name__ == "__main__":
    sys.exit(main())
