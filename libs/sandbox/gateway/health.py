"""Whether the gateway works, looked at again and again as a pod's restarts would."""

from __future__ import annotations

import json
import logging
import ssl
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from libs.sandbox.kubernetes.api import ApiError, KubernetesApi

from .checks import Surroundings, problems
from .config import Config, ConfigUnreadable, merge
from .mounts import MountMissing, mounted_configuration

_LOG = logging.getLogger(__name__)
_UNHEALTHY_S, _HEALTHY_S = 1.0, 15.0


@dataclass(frozen=True, slots=True)
class Health:
    """Why the gateway does not work (nothing when it does), and the database that it works on."""

    problems: tuple[str, ...]
    database: str = ""

    @property
    def ok(self) -> bool:
        """Whether it works."""
        return not self.problems


class Examination:
    """Examines one pod's configuration in its surroundings."""

    def __init__(self, api: KubernetesApi, namespace: str, pod: str, network: str, authority: Path) -> None:
        self._api = api
        self._namespace = namespace
        self._pod = pod
        self._network = network
        context = ssl.create_default_context(cafile=str(authority))
        # No proxy of the environment may stand between two processes of one machine.
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({})
        )

    def __call__(self) -> Health:
        """One look; whatever goes wrong in it is a reason for ill health."""
        try:
            config = merge(mounted_configuration(self._api, self._namespace, self._pod))
            with self._opener.open(self._network, timeout=10) as response:
                around = Surroundings.parse(json.load(response))
            return Health(tuple(problems(config, around)), _database(config))
        except (ConfigUnreadable, MountMissing, ApiError, OSError) as error:
            return Health((str(error),))


class HealthKeeper:
    """Keeps the last look at hand, and tells `changed` whenever it differs from the one before."""

    def __init__(self, examine: Callable[[], Health], changed: Callable[[Health], None]) -> None:
        self._examine = examine
        self._changed = changed
        self._stop = threading.Event()
        self.current = Health(("the gateway is starting",))

    def run(self) -> None:
        """Look until `stop`."""
        while not self._stop.is_set():
            found = self._examine()
            if found != self.current:
                self.current = found
                _LOG.info("healthy" if found.ok else f"not healthy: {'; '.join(found.problems)}")
                self._changed(found)
            self._stop.wait(_HEALTHY_S if found.ok else _UNHEALTHY_S)

    def stop(self) -> None:
        """End `run` soon."""
        self._stop.set()


def _database(config: Config) -> str:
    where = ("database", "postgres")
    return f"{config.text(*where, 'host')}:{config.text(*where, 'port')}/{config.text(*where, 'name')}"
