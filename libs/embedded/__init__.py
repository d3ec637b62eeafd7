"""The whole platform on one machine: database, events, the sandbox, and the four services under one launcher.

It starts every part by its command line and imports none of them.
"""

from libs.embedded.failures import PlatformError
from libs.embedded.platform import Endpoints, Platform
from libs.embedded.ports import Ports
from libs.embedded.specs import Sandbox

__all__ = ["Endpoints", "Platform", "PlatformError", "Ports", "Sandbox"]
