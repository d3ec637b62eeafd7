"""Bucket policies that deny requests without TLS.

AWS: such a statement concerns requests over plain HTTP alone. Here every request counts as one over TLS.
moto: a denying statement denies whatever its condition says.
"""

from __future__ import annotations

import json
from typing import Any

from moto.s3.models import FakeBucket

_PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}


def mend() -> None:
    """Leave those statements out when a request is judged."""
    original = FakeBucket.get_permission

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        whole = self.policy
        if whole is None:
            return original(self, action, resource)
        document = json.loads(whole)
        statements = document["Statement"]
        if isinstance(statements, dict):
            statements = [statements]
        document["Statement"] = [one for one in statements if one.get("Condition") != _PLAIN_HTTP]
        return original(_Judged(json.dumps(document).encode()), action, resource)  # type: ignore[arg-type]

    FakeBucket.get_permission = get_permission  # type: ignore[method-assign]


class _Judged:
    """What `get_permission` reads of a bucket."""

    def __init__(self, policy: bytes) -> None:
        self.policy = policy
