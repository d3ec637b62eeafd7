"""The parameters of a request as one flat set of names and values, whatever its protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

Parameters = dict[str, str]
"""Values by path, such as `TagSpecification.1.Tag.1.Key` or `resourcesVpcConfig.subnetIds.0`, as the wire has them.
Headers of S3 are `x-amz-...`."""


def parameters_of(service: str, environ: dict[str, Any], body: bytes) -> Parameters:
    """Query, form or JSON body, and S3's headers; what S3 is given to keep is nobody's parameters."""
    found: Parameters = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    kind = str(environ.get("CONTENT_TYPE", ""))
    if kind.startswith("application/x-www-form-urlencoded"):
        found.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif service != "s3" and body[:1] == b"{":
        with suppress(ValueError):
            found.update(_flat("", json.loads(body)))
    for name, value in environ.items():
        if name.startswith("HTTP_X_AMZ_"):
            found[name[5:].replace("_", "-").lower()] = str(value)
    return found


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flat(f"{path}.{index}", item)
    elif value is not None:
        yield path, str(value)
