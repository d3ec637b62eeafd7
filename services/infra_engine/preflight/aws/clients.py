"""boto3 clients of the customer's account, made once and shared by the threads."""

import threading
from typing import Any

from botocore.config import Config

from libs.aws_access.errors import DENIED, error_code
from services.infra_engine.preflight.facts import Unreadable

_PREFIXES = {"service-quotas": "servicequotas"}
"""IAM's names of services where boto3 has another."""


class Clients:
    """Clients by service. Their calls are retried by the session's standard mode."""

    def __init__(self, session: Any, *, s3_path_style: bool) -> None:
        self._session = session
        self._s3 = Config(s3={"addressing_style": "path"}) if s3_path_style else None
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}

    def __getitem__(self, service: str) -> Any:
        # Clients may be shared by threads, a session may not.
        with self._lock:
            if service not in self._made:
                self._made[service] = self._session.client(service, config=self._s3 if service == "s3" else None)
            return self._made[service]


def pages(client: Any, operation: str, key: str, **parameters: Any) -> list[dict[str, Any]]:
    """All items of a list that AWS gives in pages."""
    if not client.can_paginate(operation):
        found: list[dict[str, Any]] = getattr(client, operation)(**parameters)[key]
        return found
    return [item for page in client.get_paginator(operation).paginate(**parameters) for item in page[key]]


def tags(view: dict[str, Any], key: str = "Tags") -> dict[str, str]:
    """Tags as one mapping, whichever way the service writes them."""
    given = view.get(key) or []
    if isinstance(given, dict):
        return dict(given)
    return {str(one.get("Key", one.get("key"))): str(one.get("Value", one.get("value", ""))) for one in given}


def unreadable(error: Exception, service: str) -> Unreadable:
    """The fact that stands for a call that failed."""
    operation = str(getattr(error, "operation_name", "") or "a call")
    code = error_code(error)
    prefix = _PREFIXES.get(service, service)
    return Unreadable(f"{prefix}:{operation}", code, denied=code in DENIED or code == "403")
