"""How a service's process starts and ends: `python -m services.X api|worker|migrate`. Wired by each `__main__`."""

from libs.hosting.process import Process, ServiceDefinition, main
from libs.hosting.settings import Settings, environment_text

__all__ = ["Process", "ServiceDefinition", "Settings", "environment_text", "main"]
