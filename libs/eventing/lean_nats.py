"""Loads nats-py without aiohttp, which it takes for WebSockets where that is installed: a fifth of a process's start.

Comes before any other import of nats.
"""

import importlib
import sys

_FOR_WEB_SOCKETS = "aiohttp"

if _FOR_WEB_SOCKETS not in sys.modules:
    sys.modules[_FOR_WEB_SOCKETS] = None  # type: ignore[assignment]  # which makes an import of it fail
    try:
        importlib.import_module("nats")
    finally:
        del sys.modules[_FOR_WEB_SOCKETS]
