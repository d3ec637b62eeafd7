"""The whole platform on one machine: database, events, the sandbox, and the four services under one launcher.

It starts every part by its command line and imports none of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from libs.embedded.failures import PlatformError
    from libs.embedded.platform import Endpoints, Platform
    from libs.embedded.ports import Ports
    from libs.embedded.specs import Sandbox

__all__ = ["Endpoints", "Platform", "PlatformError", "Ports", "Sandbox"]

_MODULES = {
    "Endpoints": "platform",
    "Platform": "platform",
    "PlatformError": "failures",
    "Ports": "ports",
    "Sandbox": "specs",
}


def __getattr__(name: str) -> object:
    # On demand: `python -m libs.embedded` comes through here before its __main__ can answer a Ctrl-C.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
