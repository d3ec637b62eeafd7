"""The API action that a request calls, whatever its protocol."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

_BOTO_NAMES = {"elasticloadbalancing": "elbv2"}


def action_of(service: str, environ: dict[str, Any], body: bytes) -> str | None:
    """Name such as `CreateCluster`; None when nothing in the request tells it. `service` is a signing name."""
    target: str | None = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rsplit(".", 1)[-1]
    for text in (environ.get("QUERY_STRING", ""), body.decode("utf-8", "replace") if _is_form(environ) else ""):
        named = parse_qs(text).get("Action")
        if named:
            return str(named[0])
    return _by_route(service, environ)


def _is_form(environ: dict[str, Any]) -> bool:
    return str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded")


def _by_route(service: str, environ: dict[str, Any]) -> str | None:
    from botocore.exceptions import UnknownServiceError
    from moto.core.request import Request
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import NotFound

    try:
        operation, _ = get_service_router(_BOTO_NAMES.get(service, service)).match(Request(environ.copy()))
    except (NotFound, NotImplementedError, UnknownServiceError):
        return None
    return str(operation.name)
