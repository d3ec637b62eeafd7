"""Kubernetes Events, by which a person sees why the sandbox's controllers do not go on."""

from __future__ import annotations

import datetime
import hashlib

from .api import ApiError, KubernetesApi, Object

_CONFLICT = 409


def warn(api: KubernetesApi, about: Object, kind: str, reason: str, message: str) -> None:
    """Record a warning once per object, reason and message."""
    metadata = about["metadata"]
    namespace = metadata.get("namespace", "default")
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha256(f"{metadata['uid']}{reason}{message}".encode()).hexdigest()[:16]
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name']}.{digest}", "namespace": namespace},
        "involvedObject": {
            "apiVersion": about.get("apiVersion", "v1"),
            "kind": kind,
            "name": metadata["name"],
            "namespace": namespace,
            "uid": metadata["uid"],
        },
        "type": "Warning",
        "reason": reason,
        "message": message,
        "source": {"component": "sandbox"},
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }
    try:
        api.create(f"/api/v1/namespaces/{namespace}/events", event)
    except ApiError as error:
        if error.status != _CONFLICT:
            raise
